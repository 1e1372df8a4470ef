/** Files of state tests, all cases of which are run on both engines. */

import { useState } from 'preact/hooks';
import { digits, plural } from '../format.ts';
import { ENGINES } from '../model/case.ts';
import type { CheckedFile } from '../state.ts';
import { useStudio } from '../studio.ts';

export function TestFiles() {
  const { state, studio } = useStudio();
  const { files, filesInAll, busy } = state;
  const [isOver, setOver] = useState(false);
  const isDone = filesInAll > 0 && files.length === filesInAll;
  return (
    <>
      <section
        class={isOver ? 'drop over' : 'drop'}
        aria-label="Choose files"
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          studio.check([...(event.dataTransfer?.files ?? [])]);
        }}
      >
        <label for="test-files">Drop files of state tests here, or choose some</label>
        <input
          id="test-files"
          type="file"
          multiple
          accept=".json,application/json"
          disabled={busy !== null}
          onChange={(event) => studio.check([...(event.currentTarget.files ?? [])])}
        />
      </section>
      {filesInAll > 0 && (
        <>
          <progress aria-label="Files checked" max={filesInAll} value={files.length} />
          <p role="status" class="summary" data-done={isDone}>
            {isDone ? '' : `${files.length} of ${filesInAll} files so far. `}
            {ENGINES.map((engine) => summary(files, engine)).join(' ')}
          </p>
        </>
      )}
      <Problems files={files} />
      {files.length > 0 && <Table files={files} />}
    </>
  );
}

function summary(files: readonly CheckedFile[], engine: string): string {
  const results = files.flatMap((file) => file.results.filter((result) => result.engine === engine));
  const cases = results.reduce((sum, result) => sum + result.cases, 0);
  const failed = results.reduce((sum, result) => sum + result.failures.length, 0);
  const time = results.reduce((sum, result) => sum + result.milliseconds, 0);
  return `${engine}: ${digits(cases - failed)} of ${plural(cases, 'case')} passed in ${(time / 1_000).toFixed(1)} s.`;
}

const MOST = 50;

function Problems({ files }: { readonly files: readonly CheckedFile[] }) {
  const problems = files.flatMap(({ file, problem, results }) => [
    ...(problem === null ? [] : [problem.startsWith(file) ? problem : `${file}: ${problem}`]),
    ...results.flatMap(({ engine, failures }) =>
      failures.map(({ id, problem: what }) => `${id} on ${engine}: ${what}`),
    ),
  ]);
  if (problems.length === 0) return null;
  return (
    <>
      <h3>Problems</h3>
      <ul class="problems">
        {problems.slice(0, MOST).map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
      {problems.length > MOST && <p class="note">and {problems.length - MOST} more</p>}
    </>
  );
}

function Table({ files }: { readonly files: readonly CheckedFile[] }) {
  return (
    <table class="files">
      <thead>
        <tr>
          <th scope="col">File</th>
          {ENGINES.map((engine) => (
            <th key={engine} scope="col">
              {engine}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {files.map(({ file, results }) => (
          <tr key={file}>
            <td>{file}</td>
            {ENGINES.map((engine) => {
              const result = results.find((one) => one.engine === engine);
              if (result === undefined) return <td key={engine}>could not be run</td>;
              const failed = result.failures.length;
              const words = failed === 0 ? `${result.cases} passed` : `${failed} of ${result.cases} failed`;
              return (
                <td key={engine} class={failed === 0 ? '' : 'error'}>
                  {words}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
