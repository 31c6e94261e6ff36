// SPDX-License-Identifier: Apache-2.0
// A Web Serial port whose other end is a server for RFC 2217: with a rate and modem lines.
//
// Written from RFC 854 and RFC 2217, and from nothing in farflash: what both understand in the same way
// is not a mistake that they share.
import { TcpSerialPort } from "./web_serial.mjs";

const IAC = 255;
const DONT = 254;
const DO = 253;
const WILL = 251;
const SB = 250;
const SE = 240;
const BINARY = 0;
const COM_PORT = 44;
const SET_BAUDRATE = 1;
const SET_CONTROL = 5;
const TO_CLIENT = 100;
const DTR_ON = 8;
const DTR_OFF = 9;
const RTS_ON = 11;
const RTS_OFF = 12;
const ANSWER_MS = 5000;

export class Rfc2217SerialPort extends TcpSerialPort {
  heard = ""; // all that the chip has said, as Latin-1
  #rest = []; // of a command that has not come as a whole
  #agreed = new Map(); // "verb option" as the server has said it
  #waiting = []; // {wanted, resolve}: answers that somebody waits for
  #answers = []; // those that have come

  async attach(host, port, timeoutMs) {
    await super.attach(host, port, timeoutMs);
    await this.transmit(Uint8Array.of(IAC, WILL, COM_PORT, IAC, WILL, BINARY, IAC, DO, BINARY));
    const verbs = [
      [DO, COM_PORT],
      [DO, BINARY],
      [WILL, BINARY],
    ];
    for (const pair of verbs) await this.#until(() => this.#agreed.get(pair.join(" ")), `${pair}`);
  }

  encoded(bytes) {
    const out = [];
    for (const byte of bytes) out.push(...(byte === IAC ? [IAC, IAC] : [byte]));
    return Uint8Array.from(out);
  }

  received(bytes) {
    const input = [...this.#rest, ...bytes];
    const data = [];
    let at = 0;
    while (at < input.length) {
      const length = this.#command(input, at, data);
      if (length === 0) break; // the rest of it is still to come
      at += length;
    }
    this.#rest = input.slice(at);
    this.heard += String.fromCharCode(...data);
    this.#waiting.slice().forEach((check) => check());
    return Uint8Array.from(data);
  }

  // The length of what stands at this place, 0 if its end has not come.
  #command(input, at, data) {
    if (input[at] !== IAC) return (data.push(input[at]), 1);
    const verb = input[at + 1];
    if (verb === undefined) return 0;
    if (verb === IAC) return (data.push(IAC), 2);
    if (verb >= WILL && verb <= DONT) {
      if (input[at + 2] === undefined) return 0;
      this.#agreed.set(`${verb} ${input[at + 2]}`, true);
      return 3;
    }
    if (verb !== SB) return 2;
    const payload = [];
    for (let i = at + 2; i < input.length; i++) {
      if (input[i] !== IAC) payload.push(input[i]);
      else if (input[i + 1] === IAC) payload.push(input[i++]);
      else if (input[i + 1] === SE) {
        this.#answers.push(payload);
        return i + 2 - at;
      } else return 0;
    }
    return 0;
  }

  #until(condition, what) {
    return new Promise((resolve, reject) => {
      const done = () => (this.#waiting = this.#waiting.filter((f) => f !== check));
      const timer = setTimeout(() => {
        done();
        reject(new Error(`the server did not say ${what} within ${ANSWER_MS} ms`));
      }, ANSWER_MS);
      const check = () => {
        if (!condition()) return;
        clearTimeout(timer);
        done();
        resolve();
      };
      this.#waiting.push(check);
      check();
    });
  }

  // Send a command and wait for its answer, which must be the same value.
  async #set(command, ...value) {
    const wanted = [COM_PORT, command + TO_CLIENT, ...value].join(" ");
    this.#answers = [];
    await this.transmit(
      Uint8Array.of(IAC, SB, COM_PORT, ...this.encoded([command, ...value]), IAC, SE),
    );
    await this.#until(() => this.#answers.some((a) => a.join(" ") === wanted), wanted);
  }

  async open({ baudRate }) {
    await super.open({ baudRate });
    await this.setBaudRate(baudRate);
  }

  async setBaudRate(baudRate) {
    await super.setBaudRate(baudRate);
    await this.#set(SET_BAUDRATE, ...[24, 16, 8, 0].map((shift) => (baudRate >>> shift) & 255));
  }

  async setSignals(signals) {
    await super.setSignals(signals);
    const { dataTerminalReady: dtr, requestToSend: rts } = signals;
    if (dtr !== undefined) await this.#set(SET_CONTROL, dtr ? DTR_ON : DTR_OFF);
    if (rts !== undefined) await this.#set(SET_CONTROL, rts ? RTS_ON : RTS_OFF);
  }

  // Until the chip has said this since `from` characters of heard.
  says(text, from = 0) {
    return this.#until(() => this.heard.indexOf(text, from) >= 0, JSON.stringify(text));
  }
}
