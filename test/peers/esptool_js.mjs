// SPDX-License-Identifier: Apache-2.0
// esptool-js, as published, drives virtual chips: usage esptool_js.mjs FARFLASH [CHIP...]
//
// The flash file is compared as a whole with a model kept here, so that a byte written where none
// belongs is found as well as one that is missing. esptool-js knows nothing of farflash, and farflash
// nothing of esptool-js: what one wrote the other must read, in both directions.
//
// Several chips at a time: most of the time each waits for its line.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ESPLoader, Transport } from "esptool-js";
import { Emulator, run } from "./farflash.mjs";
import { Rfc2217SerialPort } from "./rfc2217_serial.mjs";
import { TcpSerialPort } from "./web_serial.mjs";

const MIB = 1024 * 1024;
const SECTOR = 4096;
const AT_A_TIME = 3;
// boot: where its ROM looks for a program, and the chip's number in it.
// size MiB of flash; thorough: every step, on one chip of each kind; rom: its ROM reads; plainRom: what esptool-js sends
// to this ROM for a compressed file has a word too few, a plain file it gets right.
const CHIPS = {
  esp8266: { name: "ESP8266", size: 1, thorough: true },
  esp32: { name: "ESP32", size: 4, thorough: true, rom: true, boot: [0x1000, 0] },
  esp32s2: { name: "ESP32-S2", size: 4, thorough: true, rom: true },
  esp32s3: { name: "ESP32-S3", size: 32, rom: true },
  esp32c2: { name: "ESP32-C2", size: 2, rom: true },
  esp32c3: { name: "ESP32-C3", size: 4, rom: true, secure: true, boot: [0, 5] },
  esp32c5: { name: "ESP32-C5", size: 2, rom: true, plainRom: true },
  esp32c6: { name: "ESP32-C6", size: 2, rom: true, plainRom: true, boot: [0, 13] },
  esp32c61: { name: "ESP32-C61", size: 2, rom: true, plainRom: true },
  esp32h2: { name: "ESP32-H2", size: 2, rom: true, plainRom: true },
  esp32p4: { name: "ESP32-P4", size: 2, rom: true, plainRom: true },
  "esp32p4-rev1": { name: "ESP32-P4", size: 2, rom: true, plainRom: true },
};

const [farflash, ...names] = process.argv.slice(2);
if (!farflash || names.some((name) => !CHIPS[name])) {
  console.error(`usage: esptool_js.mjs FARFLASH [${Object.keys(CHIPS).join("|")}]...`);
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

// What the clients said, shown only if something goes wrong.
const spoken = [];
console.log = (...words) => spoken.push(words.join(" "));

// One virtual chip, its flash, and what that should hold.
class Bench {
  constructor(chipName, folder) {
    this.chipName = chipName;
    this.chip = CHIPS[chipName];
    this.folder = folder;
    this.flashFile = join(folder, `${chipName}.bin`);
    this.model = new Uint8Array(this.chip.size * MIB).fill(0xff);
    this.log = [];
    this.current = "";
  }

  async step(text, action) {
    this.current = text;
    const start = Date.now();
    await action();
    process.stdout.write(`ok ${this.chipName}: ${text} (${Date.now() - start} ms)\n`);
  }

  async flashEqualsModel() {
    const flash = await readFile(this.flashFile);
    assert.equal(flash.length, this.model.length, "size of the flash file");
    if (flash.equals(this.model)) return;
    const bad = flash.findIndex((byte, i) => byte !== this.model[i]);
    const where = `first difference at 0x${bad.toString(16)}: 0x${flash[bad].toString(16)}`;
    assert.fail(`${where} instead of 0x${this.model[bad].toString(16)}`);
  }

  // Power the chip up, let action use it, power it down; then look at every byte of the flash.
  async powered(action, options = [], listen = "tcp") {
    const { chipName, flashFile } = this;
    const emulator = await Emulator.start(farflash, chipName, flashFile, options, listen);
    try {
      await action(emulator);
    } catch (error) {
      this.log.push(`emulate: ${emulator.output}`);
      throw error;
    } finally {
      await emulator.stop();
    }
    await this.flashEqualsModel();
  }

  // As powered(), with esptool-js at the other end of the line.
  client(session, options, baudrate = 115200, listen = "tcp") {
    const terminal = {
      clean() {},
      write: (text) => this.log.push(text),
      writeLine: (text) => this.log.push(text),
    };
    return this.powered(async (emulator) => {
      const port = listen === "tcp" ? new TcpSerialPort() : new Rfc2217SerialPort();
      await port.attach(emulator.host, emulator.port);
      const transport = new Transport(port, false);
      const loader = new ESPLoader({ transport, terminal, baudrate, debugLogging: true });
      // Its patience is for a chip that has nothing else to do; ours shares a computer.
      loader.DEFAULT_TIMEOUT = 30000;
      try {
        await session(this, loader, port);
      } finally {
        port.detach();
      }
    }, options, listen);
  }

  // esptool-js fills up to a multiple of 4 with FF, which is what erased flash holds anyway.
  remember(files) {
    files.forEach(({ address, data }) => this.model.set(data, address));
  }

  erased(address, length) {
    this.model.fill(0xff, address, address + length);
  }

  async readsBack(loader, address, length) {
    const bytes = await loader.readFlash(address, length);
    const want = md5(this.model.subarray(address, address + length));
    assert.equal(md5(bytes), want, `at 0x${address.toString(16)}`);
  }
}

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

const words = (...w) => new Uint8Array(new Uint32Array(w).buffer);

async function connects(bench, loader) {
  await bench.step("connect, detect, upload the stub", () => loader.main("no_reset"));
  assert.equal(loader.chip.CHIP_NAME, bench.chip.name);
  assert.equal(loader.IS_STUB, true, "the stub runs");
  // On the ESP8266 esptool-js writes the transfer lengths to a wrong register and reads no id.
  if (bench.chipName !== "esp8266") {
    assert.equal(await loader.detectFlashSize(), `${bench.chip.size}MB`);
  }
}

async function erasesRegion(bench, loader, address, length) {
  await loader.checkCommand("erase region", loader.ESP_ERASE_REGION, words(address, length));
  bench.erased(address, length);
}

// What every chip must do: connect, stub, flash, read, erase, verify. At its flash's far end too.
async function shortSession(bench, loader) {
  const end = bench.chip.size * MIB;
  const files = [
    { address: 0x1000, data: firmware(20480, 1) },
    { address: end - 3 * SECTOR, data: firmware(9001, 2) },
  ];
  const plain = [{ address: 0x40000, data: firmware(5001, 4) }];
  await connects(bench, loader);
  await bench.step("compressed and plain files, MD5", async () => {
    await write(loader, files, true);
    await write(loader, plain, false);
    bench.remember([...files, ...plain]);
  });
  await bench.step("erase a region, read back", async () => {
    await erasesRegion(bench, loader, 0x2000, 2 * SECTOR);
    await bench.readsBack(loader, 0x1000, 20480);
    await bench.readsBack(loader, end - 3 * SECTOR - 5, 9006);
  });
}

async function stubSession(bench, loader) {
  const parts = [
    { address: 0x1000, data: firmware(20480, 1) },
    { address: 0x8000, data: firmware(3072, 2) },
    { address: 0x10000, data: firmware(70001, 3) },
  ];
  const plain = [{ address: 0x40000, data: firmware(9001, 4) }];

  await connects(bench, loader);
  await bench.step("three compressed files, MD5", () => write(loader, parts, true));
  bench.remember(parts);
  await bench.step("a plain file, MD5", () => write(loader, plain, false));
  bench.remember(plain);
  await bench.step("read back", async () => {
    for (const { address, data } of [...parts, ...plain]) {
      await bench.readsBack(loader, address, data.length);
    }
    await bench.readsBack(loader, 0, SECTOR);
    await bench.readsBack(loader, 0x21003, 0x301); // across the end of a file, any alignment
  });
  await bench.step("write again over old contents", async () => {
    const again = [{ address: 0x10000, data: firmware(10000, 5) }];
    await write(loader, again, true);
    bench.erased(0x10000, 3 * SECTOR);
    bench.remember(again);
    await bench.readsBack(loader, 0x10000, 4 * SECTOR);
  });
  await bench.step("erase a region", async () => {
    await erasesRegion(bench, loader, 0x11000, 2 * SECTOR);
    await bench.readsBack(loader, 0x10000, 4 * SECTOR);
  });
  await bench.step("a block with a wrong checksum is refused and can be sent again", async () => {
    const data = firmware(1024, 6);
    const block = new Uint8Array(16 + data.length);
    block.set(words(data.length, 0, 0, 0));
    block.set(data, 16);
    const send = (sum) => loader.checkCommand("write a block", loader.ESP_FLASH_DATA, block, sum);
    await loader.flashBegin(data.length, 0x50000);
    await assert.rejects(send(loader.checksum(data) ^ 1));
    await send(loader.checksum(data));
    await loader.flashFinish(false);
    bench.remember([{ address: 0x50000, data }]);
    await bench.readsBack(loader, 0x50000, SECTOR);
  });
}

// Without the stub: the client's own blocks are too large for a ROM, and it cannot read a ROM's MD5.
async function romSession(bench, loader) {
  const files = [{ address: 0x60000, data: firmware(15002, 7) }];
  await bench.step("ROM only: connect, attach the flash, write a file", async () => {
    await loader.detectChip("no_reset");
    assert.equal(loader.chip.CHIP_NAME, bench.chip.name);
    assert.equal(loader.IS_STUB, false);
    await loader.flashSpiAttach(0);
    loader.FLASH_WRITE_SIZE = 0x400;
    await write(loader, files, !bench.chip.plainRom);
  });
  bench.remember(files);
}

// Secure download mode: no stub and no registers, yet a plain file can be written.
async function secureSession(bench, loader) {
  const files = [{ address: 0x70000, data: firmware(5002, 9) }];
  await bench.step("secure download mode: a plain file", async () => {
    await loader.main("no_reset");
    assert.equal(loader.secureDownloadMode, true);
    assert.equal(loader.IS_STUB, false);
    await assert.rejects(loader.readReg(0x40001000), "no registers");
    await loader.flashSpiAttach(0);
    loader.FLASH_WRITE_SIZE = 0x400;
    await write(loader, files, false);
  });
  bench.remember(files);
}

async function farflashReads(bench) {
  const out = join(bench.folder, `${bench.chipName}.read`);
  await bench.powered(async ({ url }) => {
    await run(farflash, ["-p", url, "read-flash", "0x1003", "20001", out]);
  });
  const got = await readFile(out);
  assert.equal(md5(got), md5(bench.model.subarray(0x1003, 0x1003 + 20001)));
}

async function farflashWrites(bench) {
  const data = firmware(50003, 8);
  const file = join(bench.folder, `${bench.chipName}.write`);
  await writeFile(file, data);
  const args = ["write-flash", "0x10000", file];
  bench.erased(0x10000, Math.ceil(data.length / SECTOR) * SECTOR);
  bench.remember([{ address: 0x10000, data }]);
  await bench.powered(({ url }) => run(farflash, ["-p", url, ...args]));
}

async function lastSession(bench, loader) {
  await bench.step("at another rate: read, erase all", async () => {
    await loader.main("no_reset");
    assert.equal(loader.transport.baudrate, 460800);
    await bench.readsBack(loader, 0x10000, 50003);
    await loader.eraseFlash();
  });
  bench.erased(0, bench.model.length);
}

// The smallest program that a ROM starts: header, one segment of four zero bytes, check sum.
function program(chipId) {
  const bytes = new Uint8Array(48);
  bytes.set([0xe9, 1, 2, 0x20, 0, 0, 0x38, 0x40, 0xee]);
  bytes[12] = chipId;
  bytes.set([0, 0, 0x38, 0x40, 4], 24);
  bytes[47] = 0xef;
  return bytes;
}

const HELLO = "hello from the program";

// RFC 2217: the chip runs its program, and is reset by DTR and RTS; rates are real ones.
async function resetSession(bench, loader, port) {
  const files = [{ address: 0x20000, data: firmware(20000, 10) }];
  await bench.step("RFC 2217: reset into the loader, flash at 460800, reset into the program", async () => {
    await loader.main("default_reset");
    await port.says("waiting for download");
    assert.equal(loader.chip.CHIP_NAME, bench.chip.name);
    assert.equal(loader.IS_STUB, true);
    assert.equal(loader.transport.baudrate, 460800);
    await write(loader, files, true);
    bench.remember(files);
    await bench.readsBack(loader, 0x20000, 20000);
    await port.setBaudRate(115200);
    // It asserts again with RTS what DTR was last asserted to be, so it has to be told first.
    await loader.transport.setDTR(false);
    await loader.transport.setRTS(true);
    const from = port.heard.length;
    await loader.after("hard_reset"); // it lets go of RTS
    await port.says(HELLO, from);
  });
}

async function resets(bench) {
  const [address, id] = bench.chip.boot;
  bench.remember([{ address, data: program(id) }]);
  await writeFile(bench.flashFile, bench.model);
  await bench.client(resetSession, ["--app-text", HELLO], 460800, "rfc2217");
  await bench.step("farflash resets it, reads, and leaves it to its program", () =>
    bench.powered(
      async ({ url }) => {
        const out = join(bench.folder, `${bench.chipName}.reset`);
        await run(farflash, ["-p", url, "--no-stub", "read-flash", "0x20000", "4096", out]);
        assert.equal(md5(await readFile(out)), md5(firmware(4096, 10)));
      },
      [],
      "rfc2217",
    ),
  );
}

// Here every byte takes its time, and the flash that of its datasheet.
const PACED = ["--line-rate", "921600"];

async function examine(bench) {
  const { chip } = bench;
  await writeFile(bench.flashFile, bench.model);
  await bench.client(chip.thorough ? stubSession : shortSession, PACED);
  if (chip.rom) {
    await bench.step("farflash reads what esptool-js wrote", () => farflashReads(bench));
    await bench.client(romSession);
  }
  if (chip.secure) await bench.client(secureSession, ["--secure-download"]);
  await bench.step("farflash writes", () => farflashWrites(bench));
  await bench.client(lastSession, [], 460800);
  if (chip.boot) await resets(bench);
}

async function worker(queue, folder) {
  for (let name = queue.shift(); name; name = queue.shift()) {
    const bench = new Bench(name, folder);
    try {
      await examine(bench);
    } catch (error) {
      const said = [...spoken.slice(-20), ...bench.log.slice(-60)].join("\n");
      process.stderr.write(`${said}\nFAILED ${name}: ${bench.current}: ${error.stack}\n`);
      process.exitCode = 1;
    }
  }
}

const folder = await mkdtemp(join(tmpdir(), "farflash-peer-"));
try {
  const queue = names.length > 0 ? names : Object.keys(CHIPS);
  await Promise.all(Array.from({ length: AT_A_TIME }, () => worker(queue, folder)));
} finally {
  await rm(folder, { recursive: true, force: true });
}
// The client's read loop waits for a chip that is gone: do not wait with it.
process.exit();
