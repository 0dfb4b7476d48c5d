#!/usr/bin/env node
/// <reference types="node" />
import { run } from './run.js';

// A stream error is reported to the writer. Without a listener, it would end the process with a stack trace.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const { stdin, stdout, stderr, env, argv } = process;
process.exitCode = await run(argv.slice(2), { stdin, stdout, stderr, env });
// Do not wait for a writer to a command that has ended.
stdin.destroy();
