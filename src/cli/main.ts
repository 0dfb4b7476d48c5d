#!/usr/bin/env node
/// <reference types="node" />
import { run } from './run.js';

// An error of a stream is told to whoever writes to it. Without a listener it would end the process with a stack.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const { stdin, stdout, stderr, env, argv } = process;
process.exitCode = await run(argv.slice(2), { stdin, stdout, stderr, env });
// Whoever writes to a command that has ended is not waited for.
stdin.destroy();
