/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One ring, its doorbells and the session above it: A sends, B takes, either is reset at any access.
 *
 * Every access to the shared region is one step here, with what the core does for itself before the next
 * one; between steps the other side, or a reset, may come. Word for word after link/mailbox.c:
 *
 *   model                      C
 *   ctrl[], stamp[], taken     words CONTROL, stamp of a slot, TAKEN of the region
 *   pay0[], pay1[]             the payload, in two halves, so that a torn one is seen
 *   wants[], bell[]            word WANTS; the doorbell: a ring is kept until the next wait
 *   kick()                     kick()
 *   restart()                  restart()
 *   follow()                   attempt(), advance(), follow()
 *   send part of A             is_full(), move()
 *   take part of B             move()
 *   asked, the wait            far_mailbox_transfer(), wish(), want(), nap()
 *   malformed()                reject()
 *   a reset                    far_mailbox_init() with all private state lost
 * Left out: the other three channels (they share the session, and nothing else), the length, the
 * FORMAT word (here: a control word that is not 0), the heartbeat (it is far_mailbox_stop(), a restart).
 * Sequence numbers wrap at 4 instead of 256, epochs do not wrap.
 *
 * Claimed, and asserted below:
 *   - in each session B gets message 0, 1, 2, ... whole: none lost, doubled, torn or out of order;
 *   - and only from the session that B is in (life_b in the payload is the B that A was bound to);
 *   - honest sides never find each other malformed;
 *   - when nothing can move any more, both are bound and B has all K messages: no deadlock, no lost
 *     doorbell, no wait for ever.
 *
 * -DN= slots, -DK= messages per session, -DRA= -DRB= resets of A and of B.
 * -DMUT_... leaves something out; the run must then find an error. See run.
 */
#ifndef N
#define N 2
#endif
#ifndef K
#define K 3
#endif
#ifndef RA
#define RA 1
#endif
#ifndef RB
#define RB 1
#endif

#define A 0
#define B 1
#define MSG 1
#define ROOM 2

/* Control word: own epoch and echo of the peer's; 0 is memory that was never used. */
#define EPOCH(w) ((w) & 15)
#define ECHO(w) ((w) >> 4)
#define WORD(epoch, echo) ((epoch) | ((echo) << 4))
#define SWAP(w) WORD(ECHO(w), EPOCH(w))
#ifndef MUT_ECHO
#define LINKED(peer, own) ((peer) == SWAP(own))
#else
#define LINKED(peer, own) (EPOCH(peer) == ECHO(own)) /* without waiting for the echo */
#endif

/* Stamp: epoch and sequence; never 0. */
#define STAMP(epoch, seq) (((epoch) << 2) | (seq))
#define SEQ(s) ((s) & 3)
#define NEXT(s) STAMP((s) >> 2, (SEQ(s) + 1) & 3)
#define LAP_BEFORE(s) STAMP((s) >> 2, (SEQ(s) + 4 - N) & 3)
#define SLOT(s) (SEQ(s) & (N - 1))
#ifndef MUT_CLEAR
#define CLEARS_NOTHING false
#else
#define CLEARS_NOTHING true
#endif

byte ctrl[2], stamp[N], taken, wants[2];
bool bell[2];

/* What the payload says: number in A's session, the lives of A and of B that A was in it with. */
byte pay0[N], pay1[N], pay_a[N], pay_b[N];

/* Ghosts: nothing above looks at them. */
byte life[2];      /* restarts so far */
byte ctrl_life[2]; /* life of the side that wrote ctrl */
byte got;          /* messages that B has in its session */
bool is_up[2];
bool crash[2];

inline kick(me, wish)
{
	if
	:: wants[1 - me] & wish -> bell[1 - me] = true
	:: else
	fi
}

inline publish(me, w)
{
	ctrl[me] = w; ctrl_life[me] = life[me]
}

inline restart(me)
{
	d_step { t = ECHO(ctrl[1 - me]); i = 0 };
	do
#ifndef MUT_CLEAR
	:: d_step { me == A && i < N -> stamp[i] = 0; i++ }
#endif
	:: d_step { me == B || i == N || CLEARS_NOTHING ->
		i = 0;
		life[me]++;
#ifndef MUT_EPOCH
		e = EPOCH(word) + 1;
		if
		:: e == t -> e++
		:: else
		fi;
#else
		e = EPOCH(word);
		if
		:: e == 0 -> e = 1
		:: else
		fi;
#endif
		assert(e < 15);
		word = e;
		up = false; is_up[me] = false;
		t = 0; e = 0;
		publish(me, word)
	   };
	   break
	od;
	kick(me, MSG)
}

/* Before it, p is the peer's control word as just read, and seen the life of who wrote it. */
inline accept(me)
{
	if
	:: d_step { me == B ->
		expect = STAMP(EPOCH(p), 0);
#ifndef MUT_TAKEN
		taken = expect
#endif
	   }
	:: d_step { me == A ->
		next = STAMP(EPOCH(word), 0);
		limit = next
	   }
	fi;
	d_step {
		word = WORD(EPOCH(word), EPOCH(p));
		publish(me, word)
	};
	kick(me, MSG)
}

inline bind(me)
{
	d_step {
		if
		:: LINKED(p, word) ->
			up = true; is_up[me] = true; bound = seen; number = 0;
			if
			:: me == B -> got = 0
			:: else
			fi
		:: else
		fi;
		p = 0; seen = 0
	}
}

/* Nothing has changed: it goes on at the label still. */
inline follow(me)
{
	atomic {
		p = ctrl[1 - me]; seen = ctrl_life[1 - me];
		if
		:: up && LINKED(p, word) -> p = 0; seen = 0; goto still
		:: else
		fi
	};
	if
#ifndef MUT_SURVIVOR
	:: up -> restart(me); d_step { p = ctrl[1 - me]; seen = ctrl_life[1 - me] }
#else
	:: d_step { up -> up = false; is_up[me] = false }
#endif
	:: else
	fi;
	if
	:: d_step { p == 0 -> seen = 0 }
	:: p != 0 && WORD(EPOCH(word), EPOCH(p)) == word -> bind(me)
	:: p != 0 && WORD(EPOCH(word), EPOCH(p)) != word -> accept(me); bind(me)
	fi
}

/* Something that an honest peer would not have written, unless it has restarted meanwhile. */
inline malformed(me)
{
	assert(!LINKED(ctrl[1 - me], word));
	restart(me)
}

/* Nothing to do (when): ask to be rung, look once more, sleep. Two choices of an if. */
#define ASK(me, what, when) \
	:: d_step { (when) && !asked -> asked = true; wants[me] = what; stuck = false }
#define SLEEP(me, when) \
	:: d_step { (when) && asked && bell[me] -> bell[me] = false; stuck = false }
#ifndef MUT_DOORBELL
#define REST(me, what, when) ASK(me, what, when) SLEEP(me, when)
#else /* without looking once more */
#define REST(me, what, when) ASK(me, what, when); \
	d_step { bell[me] -> bell[me] = false } SLEEP(me, when)
#endif

inline rested(me)
{
	if
	:: d_step { asked -> wants[me] = 0; asked = false }
	:: else
	fi
}

inline lose(me)
{
	atomic {
		crash[me] -> crash[me] = false;
		word = EPOCH(ctrl[me]); up = false; is_up[me] = false; asked = false;
		next = 0; limit = 0; expect = 0; number = 0; bound = 0;
		p = 0; seen = 0; t = 0; e = 0; i = 0; stuck = false
	}
}

#define PRIVATE byte word, next, limit, expect, number, bound, p, seen, t, e, i; \
	bool up, asked, stuck

proctype producer()
{
	PRIVATE;

	do
	:: {
		wants[A] = 0;
		restart(A);
		do
		:: follow(A);
still:		   if
		   :: atomic { up && number < K && next == limit && !stuck ->
			limit = STAMP(taken >> 2, (SEQ(taken) + N) & 3);
			if
			:: limit == next -> stuck = true
			:: else
			fi;
			goto still
		      }
		   :: d_step { up && number < K && next != limit ->
#ifdef MUT_PAYLOAD
			stamp[SLOT(next)] = next };
		      d_step {
#endif
			pay0[SLOT(next)] = number; pay_a[SLOT(next)] = life[A]
		      };
		      d_step { pay1[SLOT(next)] = number; pay_b[SLOT(next)] = bound };
		      d_step {
#ifndef MUT_PAYLOAD
			stamp[SLOT(next)] = next;
#endif
			next = NEXT(next); number++
		      };
		      kick(A, MSG);
		      rested(A)
		   REST(A, (stuck -> MSG | ROOM : MSG), stuck || !up || number == K)
		   fi
		od
	} unless { lose(A) }
	od
}

proctype consumer()
{
	PRIVATE;
	byte n0, n1, la, lb, from;

	do
	:: {
		wants[B] = 0;
		restart(B);
		do
		:: follow(B);
still:		   if
		   :: atomic { up && !stuck ->
			t = stamp[SLOT(expect)];
			if
			:: t != expect && (t == 0 || t == LAP_BEFORE(expect)) ->
				t = 0; stuck = true; goto still
			:: else
			fi
		      };
		      if
		      :: d_step { t == expect -> n0 = pay0[SLOT(expect)]; la = pay_a[SLOT(expect)] };
			 d_step {
				n1 = pay1[SLOT(expect)]; lb = pay_b[SLOT(expect)];
				assert(n0 == got && n1 == got);
				assert(lb == life[B]);
				assert(got == 0 || la == from);
				from = la;
				got++;
				expect = NEXT(expect);
				n0 = 0; n1 = 0; la = 0; lb = 0; t = 0
			 };
			 taken = expect;
			 kick(B, ROOM);
			 rested(B)
		      :: t != expect -> malformed(B)
		      fi
		   REST(B, MSG, stuck || !up)
		   fi
		od
	} unless { atomic { crash[B] -> n0 = 0; n1 = 0; la = 0; lb = 0; from = 0 }; lose(B) }
	od
}

active proctype world()
{
	byte left_a = RA, left_b = RB;

	atomic { run producer(); run consumer() };
	do
	:: atomic { left_a > 0 && !crash[A] -> crash[A] = true; left_a-- }
	:: atomic { left_b > 0 && !crash[B] -> crash[B] = true; left_b-- }
	:: break
	od;
	timeout -> assert(is_up[A] && is_up[B] && got == K)
}
