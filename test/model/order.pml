/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same ring on memory that is as weak as can be for stores: each core has a buffer out of which
 * its stores reach memory late and in any order (per word in order). One session, no resets.
 *
 *   model                     C
 *   store()                   a plain store: payload
 *   release()                 far_shared_store(): after all earlier stores of this core
 *   fence()                   far_shared_fence(): until all earlier stores of this core are in memory
 *   producer, consumer        move() with is_full(), kick(), want(), nap() of link/mailbox.c
 *
 * Claimed: B gets all K messages, in order and whole; nobody sleeps while there is something for him.
 * Loads are done in program order here; that they are is what the acquire in far_shared_load() says.
 *
 * -DN= slots, -DK= messages; -DMUT_... leaves something out, and an error must be found.
 */
#ifndef N
#define N 2
#endif
#ifndef K
#define K 5
#endif

#define A 0
#define B 1
#define MSG 1
#define ROOM 2

/* Words: payload and stamp of each slot, the count, each side's wishes. Who writes: A, A, B, own. */
#define PAY(n) ((n) % N)
#define STAMP(n) (N + (n) % N)
#define TAKEN (2 * N)
#define WANTS(me) (2 * N + 1 + (me))
#define WORDS (2 * N + 3)

byte memory[WORDS];
byte late[WORDS];     /* what waits in the writer's buffer */
bool waiting[WORDS];
byte pending[2];      /* how many wait in a core's buffer */
bool bell[2];
byte got;

inline store(me, word, value)
{
	atomic { !waiting[word] -> late[word] = value; waiting[word] = true; pending[me]++ }
}

inline fence(me)
{
	pending[me] == 0
}

inline release(me, word, value)
{
	fence(me);
	store(me, word, value)
}

inline kick(me, wish)
{
#ifndef MUT_KICK
	fence(me);
#endif
	if
	:: memory[WANTS(1 - me)] & wish -> fence(me); bell[1 - me] = true
	:: else
	fi
}

inline rest(me, what)
{
	if
	:: !asked ->
		asked = true;
		release(me, WANTS(me), what);
#ifndef MUT_WISH
		fence(me)
#endif
	:: else ->
		d_step { bell[me] -> bell[me] = false }
	fi
}

inline rested(me)
{
	if
	:: asked -> asked = false; release(me, WANTS(me), 0)
	:: else
	fi
}

active proctype buffers()
{
	byte w;

	do
	:: atomic {
		waiting[0] || waiting[1] || waiting[2] || waiting[3] || waiting[4] ||
			waiting[WORDS - 2] || waiting[WORDS - 1] ->
		select (w : 0 .. WORDS - 1);
		if
		:: waiting[w] ->
			memory[w] = late[w]; late[w] = 0; waiting[w] = false;
			if
			:: w == TAKEN || w == WANTS(B) -> pending[B]--
			:: else -> pending[A]--
			fi
		:: else
		fi;
		w = 0
	   }
	od
}

active proctype producer()
{
	byte next, limit = N;
	bool asked;

	do
	:: next == K -> break
	:: next < K && next == limit ->
		limit = memory[TAKEN] + N;
		if
		:: next == limit -> rest(A, MSG | ROOM)
		:: else
		fi
	:: next < K && next != limit ->
		store(A, PAY(next), next + 1);
#ifndef MUT_STAMP
		release(A, STAMP(next), next + 1);
#else
		store(A, STAMP(next), next + 1);
#endif
		next++;
		kick(A, MSG);
		rested(A)
	od
}

active proctype consumer()
{
	byte stamp, pay;
	bool asked;

	do
	:: got == K -> break
	:: got < K ->
#ifdef MUT_LOAD
		pay = memory[PAY(got)];
#endif
		stamp = memory[STAMP(got)];
		if
		:: stamp == got + 1 ->
#ifdef MUT_TAKEN
			release(B, TAKEN, got + 1);
#endif
#ifndef MUT_LOAD
			pay = memory[PAY(got)];
#endif
			assert(pay == got + 1);
			d_step { got++; stamp = 0; pay = 0 };
#ifndef MUT_TAKEN
			release(B, TAKEN, got);
#endif
			kick(B, ROOM);
			rested(B)
		:: else ->
			assert(stamp == 0 || stamp + N == got + 1);
			rest(B, MSG)
		fi
	od
}

active proctype world()
{
	timeout -> assert(got == K)
}
