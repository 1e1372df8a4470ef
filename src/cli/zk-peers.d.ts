/** What `erbium zk setup --ptau` uses of snarkjs, which comes without types. */
declare module 'snarkjs' {
  interface Logger {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  }
  interface Curve {
    /** Ends the threads. */
    terminate(): Promise<void>;
  }
  /** A path, or bytes in memory. */
  type FileName = string;

  const curves: { getCurveFromName(name: string): Promise<Curve> };
  const zKey: {
    /** @returns a hash, or -1 after an error that the logger is told */
    newZKey(r1cs: FileName, ptau: FileName, zkey: FileName, logger: Logger): Promise<Uint8Array | -1>;
    contribute(
      from: FileName,
      to: FileName,
      name: string,
      entropy: string,
      logger: Logger,
    ): Promise<Uint8Array>;
    /** @returns a hash, or false after an error that the logger is told */
    beacon(
      from: FileName,
      to: FileName,
      name: string,
      hash: string,
      iterationsLog: number,
      logger: Logger,
    ): Promise<Uint8Array | false>;
  };
}
