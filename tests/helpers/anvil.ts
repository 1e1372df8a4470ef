/**
 * A real node for tests: anvil, of the development dependency @foundry-rs/anvil, on a free port. Fails, and says why,
 * where there is no anvil for the platform: a test that ran nothing would not show.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';

/** The program itself and not the launcher of the package, which would leave it running when killed. */
function binary(): string {
  const platform = process.platform === 'win32' ? 'win32' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const name = `@foundry-rs/anvil-${platform}-${arch}`;
  const path = `${name}/bin/anvil${process.platform === 'win32' ? '.exe' : ''}`;
  const launcher = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json');
  try {
    return createRequire(launcher).resolve(path);
  } catch {
    throw new Error(
      `this test needs anvil: ${path} is not installed (optional dependency of @foundry-rs/anvil)`,
    );
  }
}

/** An error of the node's. */
export class AnvilError extends Error {
  readonly code: number;
  /** Revert data, where there is any. */
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

const START_MILLISECONDS = 30_000;

export class Anvil {
  readonly url: string;
  private readonly child: ChildProcess;
  private readonly kill: () => void;
  private nextId = 1;

  private constructor(url: string, child: ChildProcess, kill: () => void) {
    this.url = url;
    this.child = child;
    this.kill = kill;
  }

  static async start(...options: readonly string[]): Promise<Anvil> {
    const child = spawn(binary(), ['--port', '0', '--host', '127.0.0.1', ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, to be ended as a whole.
      detached: process.platform !== 'win32',
    });
    const kill = (): void => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      if (process.platform === 'win32') child.kill('SIGKILL');
      else process.kill(-child.pid, 'SIGKILL');
    };
    // Also where the test run ends before the test does.
    process.once('exit', kill);
    try {
      return new Anvil(await addressOf(child), child, kill);
    } catch (error) {
      kill();
      process.off('exit', kill);
      throw error;
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      if (this.child.exitCode !== null || this.child.signalCode !== null) resolve();
      else this.child.once('exit', () => resolve());
    });
    this.kill();
    await ended;
    process.off('exit', this.kill);
  }

  /** @throws AnvilError for an error of the node's */
  async rpc<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: this.nextId++, method, params }),
    });
    const answer = (await response.json()) as {
      result?: T;
      error?: { code: number; message: string; data?: unknown };
    };
    const { error } = answer;
    if (error !== undefined) throw new AnvilError(error.code, `${method}: ${error.message}`, error.data);
    return answer.result as T;
  }

  /** The receipt of a transaction that was sent: the node answers before its block is made. */
  async receipt<T = unknown>(hash: string): Promise<T> {
    for (;;) {
      const receipt = await this.rpc<T | null>('eth_getTransactionReceipt', hash);
      if (receipt !== null) return receipt;
    }
  }
}

/** The URL that the node says it listens on. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`anvil ${why}:\n${output.slice(-2_000)}`));
    };
    const timer = setTimeout(() => fail('did not start in time'), START_MILLISECONDS);
    child.once('error', (error) => fail(`cannot be run (${error.message})`));
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
    child.stderr!.on('data', (chunk) => (output += chunk));
    child.stdout!.on('data', (chunk) => {
      output += chunk;
      const address = /Listening on ([0-9.]+:[0-9]+)/.exec(output)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(`http://${address}`);
    });
  });
}
