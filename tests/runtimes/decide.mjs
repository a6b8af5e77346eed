// Has V8 decide frames: reads module.wasm, frames.bin and plan.json of the folder that is the one argument, writes
// responses.bin, each response with its length before it: from one instance for all frames, from a new one for each,
// then from batches.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LENGTH = 12;

const folder = process.argv[2];
const plan = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8"));
const bytes = readFileSync(join(folder, "frames.bin"));
const module = new WebAssembly.Module(readFileSync(join(folder, "module.wasm")));

const frames = [];
let start = 0;
for (const length of plan.frames) {
  frames.push(bytes.subarray(start, start + length));
  start += length;
}

const begin = () => new WebAssembly.Instance(module).exports;
const memory = (guest) => Buffer.from(guest.memory.buffer);
const place = (index) => plan.responsesOffset + index * plan.responseBytesMax;

function write(guest, at, frame, index) {
  memory(guest).set(frame, at);
  memory(guest).writeUInt32LE(0, place(index) + LENGTH);
}

function response(guest, index) {
  const at = place(index);
  const length = memory(guest).readUInt32LE(at + LENGTH);
  // A copy: the memory is written again.
  return Buffer.from(memory(guest).subarray(at, at + length));
}

function single(guest, frame) {
  write(guest, plan.framesOffset, frame, 0);
  guest.decide(plan.framesOffset, plan.responsesOffset);
  return response(guest, 0);
}

function several(guest, { first, count, stride }) {
  for (let index = 0; index < count; index += 1) {
    write(guest, plan.framesOffset + index * stride, frames[first + index], index);
  }
  guest.decide_batch(plan.framesOffset, count, stride, plan.responsesOffset);
  return Array.from({ length: count }, (_, index) => response(guest, index));
}

const guest = begin();
const responses = [
  ...frames.map((frame) => single(guest, frame)),
  ...frames.map((frame) => single(begin(), frame)),
  ...plan.batches.flatMap((batch) => several(guest, batch)),
];

const parts = responses.flatMap((response) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(response.length);
  return [length, response];
});
writeFileSync(join(folder, "responses.bin"), Buffer.concat(parts));
