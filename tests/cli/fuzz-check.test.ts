/** What becomes of a case that is no good: a finding, once, or a word about the rival; never an end of the campaign. */

import { beforeEach, describe, expect, it } from 'vitest';
import { crashFinding, DiffCheck, hangFinding, textOf } from '../../src/cli/fuzz-check.ts';
import { Campaign } from '../../src/fuzz/campaign.ts';
import type { FuzzCase } from '../../src/fuzz/case.ts';
import { type Answer, type Contender, knownOf } from '../../src/fuzz/compare.ts';
import { CaseRunner } from '../../src/fuzz/execute.ts';
import { Random } from '../../src/fuzz/random.ts';

const runner = new CaseRunner();
const campaign = new Campaign(new Random(1n), { pace: 'varied', profile: 'arithmetic', forks: ['Osaka'] });
const cases: FuzzCase[] = [];
while (cases.length < 3) {
  const { fuzzCase } = campaign.next();
  if (runner.run(fuzzCase).invalid === null) cases.push(fuzzCase);
}
const own: Contender = { name: 'own', run: (fuzzCase) => knownOf(runner.run(fuzzCase)) };
const wrong = (fuzzCase: FuzzCase): Answer => ({ ...knownOf(runner.run(fuzzCase)), output: '0x0bad' });

let told: string[];
const checkOf = (run: Contender['run']): DiffCheck =>
  new DiffCheck([own, { name: 'rival', run }], { tries: 40 }, (_, what) => told.push(what));
beforeEach(() => {
  told = [];
});

describe('a difference', () => {
  it('is found once, and made smaller', async () => {
    let asked = 0;
    const check = checkOf((fuzzCase) => {
      asked++;
      return wrong(fuzzCase);
    });
    const finding = await check.check(cases[0]!);
    expect(finding!.cause).toBe('rival: output');
    expect(finding!.account).toContain('rival: 0x0bad');
    const before = asked;
    expect(before).toBeGreaterThan(5);
    expect(await check.check(cases[1]!)).toBeNull();
    expect(asked).toBe(before + 1);
    expect(told).toEqual([]);
  });

  it('that is gone when it is looked at again is told, and is no finding', async () => {
    let asked = 0;
    const check = checkOf((fuzzCase) => (asked++ === 0 ? wrong(fuzzCase) : own.run(fuzzCase)));
    expect(await check.check(cases[0]!)).toBeNull();
    expect(told).toEqual(['rival: differs, and does not when it is asked again']);
  });

  it('that Erbium makes only after other cases is told as it was found', async () => {
    let runs = 0;
    const leaky: Contender = {
      ...own,
      run: (fuzzCase) => (runs++ === 0 ? wrong(fuzzCase) : own.run(fuzzCase)),
    };
    const contenders = [
      { ...leaky, fresh: () => own },
      { name: 'rival', run: own.run },
    ];
    const check = new DiffCheck(contenders, { tries: 40 }, (_, what) => told.push(what));
    const finding = await check.check(cases[0]!);
    expect(finding!.cause).toBe('rival: output, which does not recur');
    expect(finding!.note).toMatch(/^own says something else where it has run nothing before/);
    expect(finding!.text).toBe(textOf(cases[0]!));
    expect(told).toEqual([]);
    runs = 0;
    expect(await check.check(cases[1]!)).toBeNull();
  });

  it('is given as far as it was shrunk where the shrinker is stopped', async () => {
    const contenders = [own, { name: 'rival', run: wrong }];
    const finding = await new DiffCheck(contenders, { tries: 40, stopped: () => true }, () => {}).check(
      cases[0]!,
    );
    expect(finding!.note).toBe('the shrinker was stopped early');
    expect(finding!.account).toContain('the shrinker was stopped early');
    expect(finding!.text).toBe(textOf(cases[0]!));
  });

  it('is none where the rival fails or cannot run the case', async () => {
    expect(await checkOf(() => ({ failure: 'crash', detail: 'signal 11' })).check(cases[0]!)).toBeNull();
    expect(await checkOf(() => ({ notCompared: 'no such fork' })).check(cases[0]!)).toBeNull();
    expect(told).toEqual(['rival: crash: signal 11', 'not compared: no such fork']);
  });
});

describe('a case that Erbium does not survive', () => {
  it('is told as it is where that does not recur', async () => {
    const finding = await crashFinding(cases[0]!, new TypeError('of a rival'), { tries: 40 });
    expect(finding.cause).toBe('exception: TypeError: of a rival');
    expect(finding.account).toContain('fuzz-check.test.ts');
    expect(JSON.parse(finding.text)).toHaveProperty('found');
  });

  it('is told, and not run again, where it hangs', () => {
    const finding = hangFinding(cases[0]!, 20_000);
    expect(finding.cause).toBe('hangs: more than 20000 ms');
    expect(finding.text).toContain('00'.repeat(32));
  });
});
