import { expect, it } from 'vitest';
import { EXTENSION_SETS, loadExtensions } from '../../precompiles/ext/index.ts';
import { allSamples } from '../precompiles/ext/samples/index.ts';

it('every extension has a sample, under labels that tell them apart', async () => {
  const samples = await allSamples();
  const names = new Set(samples.map(({ row }) => row.name));
  const extensions = await loadExtensions(EXTENSION_SETS);
  expect(extensions.filter(({ name }) => !names.has(name)).map(({ name }) => name)).toEqual([]);
  const labels = samples.map(({ row, label }) => `${row.name} ${label}`);
  expect(labels.filter((label, i) => labels.indexOf(label) !== i)).toEqual([]);
});
