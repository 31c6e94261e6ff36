// SPDX-License-Identifier: Apache-2.0
// The farflash command as the peer tests use it: a virtual chip in the background, and single runs.
import { spawn } from "node:child_process";

// The ROMs are the subject here: no stub that happens to be installed.
process.env.FARFLASH_STUBS = "";

const LISTENING = /listening on (?:socket|rfc2217):\/\/([^:\s]+):(\d+)/;
const running = new Set();

// Whatever happens, no virtual chip outlives the test.
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

function withTimeout(promise, ms, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// A virtual chip on a TCP port of the system's choice, plain (tcp) or with RFC 2217 (rfc2217).
export class Emulator {
  static async start(farflash, chip, flashFile, extra = [], listen = "tcp") {
    const args = ["emulate", "--chip", chip, "--flash", flashFile, ...extra];
    const self = new Emulator();
    self.output = "";
    self.child = spawn(farflash, [...args, "--listen", `${listen}:127.0.0.1:0`], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(self.child);
    self.ended = new Promise((resolve) => {
      self.child.once("error", (error) => resolve(error.message));
      self.child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    }).finally(() => running.delete(self.child));
    const address = new Promise((resolve, reject) => {
      const look = (text) => {
        self.output += text;
        const found = LISTENING.exec(self.output);
        if (found) resolve({ host: found[1], port: Number(found[2]) });
      };
      self.child.stdout.setEncoding("utf8").on("data", look);
      self.child.stderr.setEncoding("utf8").on("data", look);
      self.ended.then((how) => reject(new Error(`emulate ended (${how}): ${self.output}`)));
    });
    Object.assign(self, await withTimeout(address, 10000, "emulate says where it listens"));
    self.url = `${listen === "tcp" ? "socket" : listen}://${self.host}:${self.port}`;
    return self;
  }

  // Ends the chip as a user does with ^C; its flash file is complete afterwards.
  async stop() {
    this.child.kill("SIGINT");
    await withTimeout(this.ended, 10000, "emulate ends on SIGINT");
  }
}

// Run `farflash args` to its end. Returns its output; throws if it fails.
export async function run(farflash, args, timeoutMs = 60000) {
  const child = spawn(farflash, args, { stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
  running.add(child);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (output += text));
  const how = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  running.delete(child);
  if (how !== 0) throw new Error(`farflash ${args.join(" ")}: ${how}\n${output}`);
  return output;
}
