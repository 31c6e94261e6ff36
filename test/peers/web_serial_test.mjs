// SPDX-License-Identifier: Apache-2.0
// The Web Serial port of the peer tests against esptool-js's own Transport: a harness that loses
// bytes would be taken for a fault of the chip.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { Transport } from "esptool-js";
import { TcpSerialPort } from "./web_serial.mjs";

console.log = () => {}; // the Transport talks

// A peer that records what it gets; the test ends it.
async function peer(t) {
  const server = createServer({ noDelay: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = new TcpSerialPort();
  const accepted = once(server, "connection");
  await port.attach("127.0.0.1", server.address().port);
  const [socket] = await accepted;
  const seen = [];
  socket.on("data", (bytes) => seen.push(...bytes));
  t.after(() => {
    port.detach();
    socket.destroy();
    server.close();
  });
  return { port, socket, seen };
}

async function until(condition, what) {
  const end = Date.now() + 3000;
  while (!condition()) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a frame goes out escaped and comes back decoded", async (t) => {
  const { port, socket, seen } = await peer(t);
  const transport = new Transport(port);
  await transport.connect(115200);
  transport.readLoop();
  await transport.write(new Uint8Array([1, 0xc0, 0xdb, 2]));
  await until(() => seen.length === 8, "eight bytes arrive");
  assert.deepEqual(seen, [0xc0, 1, 0xdb, 0xdc, 0xdb, 0xdd, 2, 0xc0]);
  socket.write(new Uint8Array(seen));
  assert.deepEqual([...(await transport.read(2000))], [1, 0xc0, 0xdb, 2]);
});

test("nothing is lost in a long exchange", async (t) => {
  const { port, socket, seen } = await peer(t);
  const transport = new Transport(port);
  await transport.connect(115200);
  transport.readLoop();
  const long = Uint8Array.from({ length: 50000 }, (_, i) => (i * 7) & 0xff);
  await transport.write(long);
  await until(() => seen.length >= long.length && seen.at(-1) === 0xc0, "all bytes arrive");
  for (let i = 0; i < seen.length; i += 977) {
    socket.write(new Uint8Array(seen.slice(i, i + 977)));
  }
  assert.deepEqual(await transport.read(3000), long);
});

test("closing and opening keeps the cable and drops what came between", async (t) => {
  const { port, socket } = await peer(t);
  const transport = new Transport(port);
  await transport.connect(115200);
  transport.readLoop();
  await transport.disconnect();
  assert.equal(port.readable, null);
  const written = new Promise((resolve) => socket.write(new Uint8Array([1, 2, 3]), resolve));
  await written;
  await new Promise((resolve) => setImmediate(resolve));
  await transport.connect(9600);
  assert.equal(port.baudRate, 9600);
  transport.readLoop();
  transport.flushInput();
  socket.write(new Uint8Array([0xc0, 9, 0xc0]));
  await until(() => transport.inWaiting() >= 3, "the frame arrives");
  assert.deepEqual([...transport.peek().slice(-3)], [0xc0, 9, 0xc0]);
});

test("a rate change happens in place", async (t) => {
  const { port } = await peer(t);
  const transport = new Transport(port);
  await transport.connect(115200);
  assert.equal(await transport.changeBaudrate(921600), false);
  assert.equal(port.baudRate, 921600);
});

test("modem lines are noted", async (t) => {
  const { port } = await peer(t);
  const transport = new Transport(port);
  await transport.setSignals(true, false);
  assert.equal(port.signals.dataTerminalReady, true);
  assert.equal(port.signals.requestToSend, false);
});

test("a port that has gone says so", async (t) => {
  const { port, socket } = await peer(t);
  await port.open({ baudRate: 115200 });
  const reader = port.readable.getReader();
  socket.destroy();
  await assert.rejects(reader.read());
  reader.releaseLock();
  await port.close();
  await assert.rejects(port.open({ baudRate: 115200 }), /gone/);
});

test("nobody listening is an error, not a wait", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: number } = server.address();
  server.close();
  await once(server, "close");
  await assert.rejects(new TcpSerialPort().attach("127.0.0.1", number), /ECONNREFUSED/);
});
