/** The flame graph, in a frame of its own: its styles and its script are its own as well. */

import { useMemo } from 'preact/hooks';
import { useStudio } from '../studio.ts';
import { Empty, NothingRun } from './empty.tsx';

export function Gas() {
  const { opened } = useStudio().state;
  const flame = opened?.flame ?? null;
  const file = useMemo(
    () => (flame === null ? '' : URL.createObjectURL(new Blob([flame], { type: 'image/svg+xml' }))),
    [flame],
  );
  if (opened === null) return <NothingRun />;
  if (flame === null) return <Empty>Nothing ran, so no gas went anywhere.</Empty>;
  const height = Number(/ height="(\d+)"/.exec(flame)?.[1] ?? 400);
  const page = `<!doctype html><html lang="en"><title>Flame graph</title><style>body{margin:0;background:#fff}svg{display:block;width:100%;min-width:640px;height:auto}</style>${flame}`;
  return (
    <>
      {opened.gasNote !== null && <p class="hint">{opened.gasNote}</p>}
      <p class="hint">
        Each box is as wide as the gas that went into it. Click one, or press Enter on it, to widen it.{' '}
        <a href={file} download="gas.svg">
          Save as an SVG file
        </a>
      </p>
      <iframe
        class="flame"
        title="Flame graph of the gas"
        sandbox="allow-scripts"
        srcdoc={page}
        style={{ height: `${height + 20}px` }}
      />
    </>
  );
}
