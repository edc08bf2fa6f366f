#!/usr/bin/env node
import { processIo } from './cli/io.js';
import { runCli } from './cli/program.js';

const interrupted = new AbortController();
// The second time the process just ends.
process.once('SIGINT', () => interrupted.abort());
runCli(process.argv.slice(2), processIo(interrupted.signal)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error}\n`);
    process.exitCode = 70;
  },
);
