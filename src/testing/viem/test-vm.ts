/** `TestVm` with contracts whose calls are typed by their ABI, and with addresses as viem writes them. */

import {
  type Abi,
  type ContractConstructorArgs,
  decodeFunctionData,
  encodeDeployData,
  getAddress,
} from 'viem';
import { demand, isObject } from '../../executor/request.ts';
import type { AbiInput } from '../../executor/revert.ts';
import { type Address, addressToHex } from '../../primitives/address.ts';
import { bytesToHex, type Hex } from '../../primitives/bytes.ts';
import { ErbiumError } from '../../primitives/errors.ts';
import { show } from '../../primitives/input.ts';
import { CallError } from '../call-error.ts';
import { inWords } from '../expect-revert.ts';
import type { Deployed, DeployOptions, SendOptions, TestVmOptions } from '../options.ts';
import { type Addressable, toAddressOf } from '../senders.ts';
import { initCodeOf, TestVm as PlainTestVm } from '../test-vm.ts';
import { bind, refused } from './bind.ts';
import type { AnyAbi, Contract } from './contract.ts';

/** A deployment; `args` are those of the constructor. */
export type TypedDeployOptions<abi extends AnyAbi = Abi> = Omit<SendOptions, 'from'> & {
  readonly abi: abi;
  /** Init code, as the compiler gives it. */
  readonly bytecode: DeployOptions['bytecode'];
  /** In place of the caller. */
  readonly account?: Addressable;
} & (readonly [] extends ContractConstructorArgs<abi>
    ? { readonly args?: ContractConstructorArgs<abi> }
    : { readonly args: ContractConstructorArgs<abi> });

/** A contract that is there already. */
export interface ContractAt<abi extends AnyAbi = Abi> {
  readonly abi: abi;
  readonly address: Addressable;
  /** What it is called in errors from then on. */
  readonly label?: string;
}

/** As the `TestVm` of `erbium/testing`, with typed contracts, and addresses with their checksums (EIP-55). */
export class TestVm extends PlainTestVm {
  /** Of the two classes of this name in the package, bundlers rename one. */
  static override readonly name = 'TestVm';
  private readonly abis = new Map<Address, Abi>();

  /** @throws ErbiumError naming the option */
  constructor(options: TestVmOptions = {}) {
    super(options);
    this.directory.dialect = {
      address: (address) => getAddress(addressToHex(address)),
      call: (to, data) => this.callOf(to, data),
    };
  }

  /**
   * Deploys a contract.
   * @throws CallError where the constructor does not succeed; ErbiumError naming the field
   */
  override async deploy<const abi extends AnyAbi>(
    options: TypedDeployOptions<abi>,
  ): Promise<Contract<abi> & Deployed> {
    demand(isObject(options), 'deploy', 'an object');
    const { abi, bytecode, account, ...others } = options;
    demandAbi(abi);
    const { args = [], ...rest } = others as SendOptions & { readonly args?: readonly unknown[] };
    const name = rest.label ?? 'the contract';
    const data = encodeInit(abi, bytesToHex(initCodeOf(bytecode)), args, name);
    const words = this.directory.withNames(`new ${name}(${args.map(inWords).join(', ')})`);
    const from = account === undefined ? {} : { from: account };
    const { deployment, address } = await this.create(
      { ...rest, ...from, bytecode: data, abi: abi as AbiInput },
      { words, functionName: 'constructor', args },
    );
    return { ...this.getContract<abi>({ abi, address }), deployment };
  }

  /**
   * A contract that is there already, such as one of a chain that the state is forked from.
   * @throws ErbiumError naming the field
   */
  getContract<const abi extends AnyAbi>({ abi, address: at, label }: ContractAt<abi>): Contract<abi> {
    demandAbi(abi);
    const address = toAddressOf(at, 'address');
    this.directory.learn(abi as AbiInput, address);
    this.abis.set(address, abi);
    if (label !== undefined) this.directory.name(address, label);
    const checksummed = this.directory.dialect.address(address);
    const bound = bind(
      {
        calls: this.calls,
        name: () => this.directory.show(address),
        withNames: (text) => this.directory.withNames(text),
        demandCode: async ({ words = '', functionName = null, args = null }, result) => {
          if ((await this.getCode(address)) !== '0x') return;
          const reason = `there is no code at ${this.directory.showBoth(address)}`;
          throw new CallError({ words, label: null, functionName, args }, result, reason, []);
        },
      },
      abi,
      checksummed,
    );
    return { abi, address: checksummed, ...bound } as unknown as Contract<abi>;
  }

  private callOf(to: Address, data: Uint8Array): string | null {
    const abi = this.abis.get(to);
    if (abi === undefined) return null;
    try {
      const { functionName, args = [] } = decodeFunctionData({ abi, data: bytesToHex(data) });
      return `${functionName}(${args.map(inWords).join(', ')})`;
    } catch {
      // Any bytes can be sent; viem throws for those that are no call.
      return null;
    }
  }
}

function demandAbi(abi: unknown): asserts abi is Abi {
  if (!Array.isArray(abi))
    throw new ErbiumError('INVALID_ARGUMENT', `abi: expected a list, got ${show(abi)}`);
  const text = abi.findIndex((item) => typeof item !== 'object' || item === null);
  if (text < 0) return;
  throw new ErbiumError(
    'INVALID_ARGUMENT',
    `abi[${text}]: expected an entry, got ${show(abi[text])}; viem's parseAbi makes entries of signatures`,
  );
}

function encodeInit(abi: Abi, bytecode: Hex, args: readonly unknown[], name: string): Hex {
  const place = `new ${name}: args`;
  const count = abi.find((item) => item.type === 'constructor')?.inputs.length ?? 0;
  // Without any, viem takes the constructor for one that has none.
  if (args.length !== count) {
    throw new ErbiumError('INVALID_ARGUMENT', `${place}: expected ${count}, got ${args.length}`);
  }
  try {
    return encodeDeployData({ abi, bytecode, args });
  } catch (error) {
    throw refused(place, error);
  }
}
