import { spawn } from 'node:child_process';
import type { Command } from './languages.js';

const TIME_LIMIT = 300_000;

/** Sends requests to a program, one JSON text per line, and returns its answers in the same order. */
export function ask(command: Command, requests: readonly object[]): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, command.args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: TIME_LIMIT });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    // A program that exits early is reported by its exit code, not by the broken pipe.
    child.stdin.on('error', () => {});
    child.on('close', (code, signal) => {
      const lines = Buffer.concat(stdout).toString('utf8').split('\n').filter(Boolean);
      if (code === 0 && lines.length === requests.length) {
        resolve(lines.map((line) => JSON.parse(line)));
        return;
      }
      const said = Buffer.concat(stderr).toString('utf8').slice(-2000);
      const end = `ended with ${signal ?? code} after ${lines.length} of ${requests.length} answers`;
      reject(new Error(`${command.file} ${end}\n${said}`));
    });
    child.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  });
}
