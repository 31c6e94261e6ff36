// SPDX-License-Identifier: Apache-2.0
// esptool-js, as published, drives a virtual chip: usage esptool_js.mjs FARFLASH CHIP
//
// The flash file is compared as a whole with a model kept here, so that a byte written where none
// belongs is found as well as one that is missing. esptool-js knows nothing of farflash, and farflash
// nothing of esptool-js: what one wrote the other must read, in both directions.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ESPLoader, Transport } from "esptool-js";
import { Emulator, run } from "./farflash.mjs";
import { TcpSerialPort } from "./web_serial.mjs";

const MIB = 1024 * 1024;
const SECTOR = 4096;
const CHIPS = {
  esp8266: { name: "ESP8266", size: 1 * MIB, romReads: false },
  esp32: { name: "ESP32", size: 4 * MIB, sizeName: "4MB", romReads: true },
  esp32s2: { name: "ESP32-S2", size: 4 * MIB, sizeName: "4MB", romReads: true },
};

const [farflash, chipName] = process.argv.slice(2);
const chip = CHIPS[chipName];
if (!farflash || !chip) {
  console.error(`usage: esptool_js.mjs FARFLASH ${Object.keys(CHIPS).join("|")}`);
  process.exit(2);
}

const md5 = (bytes) => createHash("md5").update(bytes).digest("hex");

// Bytes that look like firmware to a compressor: stretches of noise, of text and of one value.
// Always the same for the same seed.
function firmware(length, seed) {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const stretch = (i >> 9) % 3;
    bytes[i] = stretch === 0 ? state >>> 24 : stretch === 1 ? 0x20 + (i % 61) : 0xc0 + (seed & 0x1f);
  }
  return bytes;
}

// What the client said, shown only if something goes wrong.
const log = [];
console.log = (...words) => log.push(words.join(" "));
const terminal = {
  clean() {},
  write: (text) => log.push(text),
  writeLine: (text) => log.push(text),
};

let current = "";
async function step(text, action) {
  current = text;
  const start = Date.now();
  await action();
  process.stdout.write(`ok ${text} (${Date.now() - start} ms)\n`);
}

const folder = await mkdtemp(join(tmpdir(), "farflash-peer-"));
const flashFile = join(folder, "flash.bin");
const model = new Uint8Array(chip.size).fill(0xff);

async function flashEqualsModel() {
  const flash = await readFile(flashFile);
  assert.equal(flash.length, model.length, "size of the flash file");
  const bad = flash.findIndex((byte, i) => byte !== model[i]);
  const where = `first difference at 0x${bad.toString(16)}: 0x${flash[bad]?.toString(16)}`;
  assert.equal(bad, -1, `${where} instead of 0x${model[bad]?.toString(16)}`);
}

// Power the chip up, let action use it, power it down; then look at every byte of the flash.
async function powered(action, options = []) {
  const emulator = await Emulator.start(farflash, chipName, flashFile, options);
  try {
    await action(emulator);
  } catch (error) {
    log.push(`emulate: ${emulator.output}`);
    throw error;
  } finally {
    await emulator.stop();
  }
  await flashEqualsModel();
}

// As powered(), with esptool-js at the other end of the line.
const client = (action, options, baudrate = 115200) =>
  powered(async (emulator) => {
    const port = new TcpSerialPort();
    await port.attach(emulator.host, emulator.port);
    const transport = new Transport(port, false);
    try {
      await action(new ESPLoader({ transport, terminal, baudrate, debugLogging: true }));
    } finally {
      port.detach();
    }
  }, options);

const write = (loader, files, compress) =>
  loader.writeFlash({
    fileArray: files,
    flashSize: "keep",
    flashMode: "keep",
    flashFreq: "keep",
    eraseAll: false,
    compress,
    calculateMD5Hash: loader.IS_STUB ? md5 : undefined,
  });

// esptool-js fills up to a multiple of 4 with FF, which is what erased flash holds anyway.
const remember = (files) => files.forEach(({ address, data }) => model.set(data, address));

async function readsBack(loader, address, length) {
  const bytes = await loader.readFlash(address, length);
  assert.equal(md5(bytes), md5(model.subarray(address, address + length)), `at 0x${address.toString(16)}`);
}

async function stubSession(loader) {
  const parts = [
    { address: 0x1000, data: firmware(20480, 1) },
    { address: 0x8000, data: firmware(3072, 2) },
    { address: 0x10000, data: firmware(70001, 3) },
  ];
  const plain = [{ address: 0x40000, data: firmware(9001, 4) }];

  await step("connect, detect, upload the stub", () => loader.main("no_reset"));
  assert.equal(loader.chip.CHIP_NAME, chip.name);
  assert.equal(loader.IS_STUB, true, "the stub runs");
  // On the ESP8266 esptool-js writes the transfer lengths to a wrong register and reads no id.
  if (chip.sizeName) {
    await step("flash id", async () => assert.equal(await loader.detectFlashSize(), chip.sizeName));
  }
  await step("three compressed files, MD5", () => write(loader, parts, true));
  remember(parts);
  await step("a plain file, MD5", () => write(loader, plain, false));
  remember(plain);
  await step("read back", async () => {
    for (const { address, data } of [...parts, ...plain]) {
      await readsBack(loader, address, data.length);
    }
    await readsBack(loader, 0, SECTOR);
    await readsBack(loader, 0x21003, 0x301); // across the end of a file, any alignment
  });
  await step("write again over old contents", async () => {
    const again = [{ address: 0x10000, data: firmware(10000, 5) }];
    await write(loader, again, true);
    model.fill(0xff, 0x10000, 0x10000 + 3 * SECTOR);
    remember(again);
    await readsBack(loader, 0x10000, 4 * SECTOR);
  });
  await step("erase a region", async () => {
    const words = new Uint8Array(new Uint32Array([0x11000, 2 * SECTOR]).buffer);
    await loader.checkCommand("erase region", loader.ESP_ERASE_REGION, words);
    model.fill(0xff, 0x11000, 0x11000 + 2 * SECTOR);
    await readsBack(loader, 0x10000, 4 * SECTOR);
  });
  await step("a block with a wrong checksum is refused and can be sent again", async () => {
    const data = firmware(1024, 6);
    const words = (...w) => new Uint8Array(new Uint32Array(w).buffer);
    const block = new Uint8Array(16 + data.length);
    block.set(words(data.length, 0, 0, 0));
    block.set(data, 16);
    const send = (sum) => loader.checkCommand("write a block", loader.ESP_FLASH_DATA, block, sum);
    await loader.flashBegin(data.length, 0x50000);
    await assert.rejects(send(loader.checksum(data) ^ 1));
    await send(loader.checksum(data));
    await loader.flashFinish(false);
    remember([{ address: 0x50000, data }]);
    await readsBack(loader, 0x50000, SECTOR);
  });
}

// Without the stub: the client's own blocks are too large for a ROM, and it cannot read a ROM's MD5.
async function romSession(loader) {
  const files = [{ address: 0x60000, data: firmware(30002, 7) }];
  await step("ROM only: connect, attach the flash", async () => {
    await loader.detectChip("no_reset");
    assert.equal(loader.IS_STUB, false);
    await loader.flashSpiAttach(0);
    loader.FLASH_WRITE_SIZE = 0x400;
  });
  await step("ROM only: a compressed file", () => write(loader, files, true));
  remember(files);
}

async function farflashReads() {
  const out = join(folder, "read.bin");
  await powered(async ({ url }) => {
    await run(farflash, ["-p", url, "read-flash", "0x10000", "70001", out]);
  });
  const got = await readFile(out);
  assert.equal(md5(got), md5(model.subarray(0x10000, 0x10000 + 70001)));
}

async function farflashWrites() {
  const data = firmware(50003, 8);
  const file = join(folder, "write.bin");
  await writeFile(file, data);
  const args = ["write-flash", "0x10000", file];
  model.fill(0xff, 0x10000, 0x10000 + Math.ceil(data.length / SECTOR) * SECTOR);
  remember([{ address: 0x10000, data }]);
  await powered(({ url }) => run(farflash, ["-p", url, ...args]));
}

async function lastSession(loader) {
  await step("esptool-js reads what farflash wrote, at another rate", async () => {
    await loader.main("no_reset");
    assert.equal(loader.transport.baudrate, 460800);
    await readsBack(loader, 0x10000, 70001);
  });
  await step("erase all", async () => {
    await loader.eraseFlash();
    model.fill(0xff);
  });
}

try {
  await writeFile(flashFile, model);
  // Here every byte takes its time, and the flash that of its datasheet.
  await client(stubSession, ["--line-rate", "921600"]);
  if (chip.romReads) {
    await step("farflash reads what esptool-js wrote", farflashReads);
    await client(romSession);
  }
  await step("farflash writes", farflashWrites);
  await client(lastSession, [], 460800);
} catch (error) {
  process.stderr.write(`${log.slice(-60).join("\n")}\nFAILED ${current}: ${error.stack}\n`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
// The client's read loop waits for a chip that is gone: do not wait with it.
process.exit();
