// SPDX-License-Identifier: Apache-2.0
// A Web Serial port whose other end is a TCP connection, as much of it as a loader client uses.
//
// The connection is the cable: it stays up from attach() to detach(), while open() and close() come
// and go on top of it as they do on a real port. What arrives while the port is closed is lost.
// TCP has neither modem lines nor a rate, so setSignals() and setBaudRate() only take notes.
import { connect } from "node:net";

export class TcpSerialPort {
  #socket = null;
  #incoming = null; // controller of the readable of the open() that is in force
  readable = null;
  writable = null;
  signals = { dataTerminalReady: false, requestToSend: false };
  baudRate = 0;
  lost = null; // why the cable came off, if it did

  // Connect within timeoutMs, or say what is in the way.
  async attach(host, port, timeoutMs = 5000) {
    this.#socket = connect({ host, port, noDelay: true });
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#socket.destroy();
        reject(new Error(`${host}:${port} did not accept a connection within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#socket.once("connect", () => (clearTimeout(timer), resolve()));
      this.#socket.once("error", (error) => (clearTimeout(timer), reject(error)));
    });
    this.#socket.on("data", (bytes) => {
      const data = this.received(new Uint8Array(bytes));
      if (data.length > 0) this.#incoming?.enqueue(data);
    });
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("the connection was closed")));
  }

  // For a cable with a protocol of its own: what of these bytes is data, and how data is sent.
  received(bytes) {
    return bytes;
  }

  encoded(bytes) {
    return bytes;
  }

  transmit(bytes) {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  detach() {
    this.#incoming = null;
    this.lost = "detached";
    this.#socket?.destroy();
  }

  #fail(error) {
    this.lost ??= error.message;
    try {
      this.#incoming?.error(error);
    } catch {
      // the stream has been cancelled already: nobody is listening
    }
    this.#incoming = null;
  }

  getInfo() {
    return {}; // no USB behind it
  }

  async open({ baudRate }) {
    if (this.readable) throw new Error("the port is open already");
    if (this.lost) throw new Error(`the port is gone: ${this.lost}`);
    this.baudRate = baudRate;
    this.readable = new ReadableStream({
      start: (controller) => (this.#incoming = controller),
      cancel: () => (this.#incoming = null),
    });
    this.writable = new WritableStream({
      write: (bytes) => this.transmit(this.encoded(bytes)),
    });
  }

  async close() {
    if (this.readable?.locked || this.writable?.locked) {
      throw new Error("the port cannot be closed while a stream of it is locked");
    }
    this.#incoming = null;
    this.readable = null;
    this.writable = null;
  }

  async setSignals(signals) {
    Object.assign(this.signals, signals);
  }

  async setBaudRate(baudRate) {
    this.baudRate = baudRate;
  }
}
