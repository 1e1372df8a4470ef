/** What is run, and how. */

import { FORKS } from 'erbium';
import { useRef, useState } from 'preact/hooks';
import { type CaseInput, EMPTY_CASE, ENGINES, type Engine, kindOf, MOST_TEST } from '../model/case.ts';
import { EXAMPLES } from '../model/examples.ts';
import { useStudio } from '../studio.ts';

const KIND_WORDS = {
  nothing: 'Paste code, or take an example.',
  bytecode: 'Read as bytecode.',
  assembly: 'Read as assembly.',
  'state test': 'Read as a state test.',
} as const;

const ENGINE_WORDS: Readonly<Record<Engine, string>> = {
  wasm: 'WebAssembly, fast',
  bigint: 'BigInt, the reference',
};

export function CasePanel() {
  const { state, studio } = useStudio();
  const { input, busy, opened, view } = state;
  const [isOver, setOver] = useState(false);
  const kind = kindOf(input.source);
  const edit = (fields: Partial<CaseInput>): void => studio.dispatch({ do: 'edit', fields });
  const run = (): void => {
    studio.open(
      input,
      view?.breakpoints.map(({ breakpoint }) => breakpoint),
    );
  };
  const take = async (files: readonly File[]): Promise<void> => {
    const [file] = files;
    if (file === undefined) return;
    if (files.length > 1) return studio.check(files);
    if (file.size > MOST_TEST) {
      studio.dispatch({ do: 'fail', problem: `${file.name} is too large for the page: at most 8 MB.` });
      return;
    }
    edit({ source: await file.text(), testCase: '' });
  };
  return (
    <section class={isOver ? 'case over' : 'case'} aria-labelledby="case-title">
      <h2 id="case-title">Case</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take([...(event.dataTransfer?.files ?? [])]);
        }}
      >
        <div class="tools">
          <Examples onTake={(chosen) => studio.take({ ...chosen, engine: input.engine })} />
          <OpenFile onTake={take} />
        </div>
        <label for="source">Bytecode, assembly or a state test</label>
        <textarea
          id="source"
          class="source"
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          aria-describedby="kind"
          placeholder={'PUSH 2\nPUSH 3\nADD'}
          value={input.source}
          onInput={(event) => edit({ source: event.currentTarget.value, testCase: '' })}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run();
          }}
        />
        <p id="kind" class="hint">
          {KIND_WORDS[kind]}
        </p>
        {kind === 'state test' ? <TestCase cases={opened?.cases ?? []} /> : <CodeOptions edit={edit} />}
        <Choice
          label="Engine"
          value={input.engine}
          options={ENGINES.map((engine) => [engine, ENGINE_WORDS[engine]])}
          onChange={(engine) => edit({ engine: engine as Engine })}
        />
        <div class="run">
          <button type="submit" class="primary" disabled={busy !== null}>
            Run
          </button>
          <span class="hint">
            or <kbd>Ctrl</kbd> <kbd>Enter</kbd> in the text
          </span>
        </div>
      </form>
    </section>
  );
}

function CodeOptions({ edit }: { readonly edit: (fields: Partial<CaseInput>) => void }) {
  const { input } = useStudio().state;
  return (
    <div class="options">
      <Choice
        label="Fork"
        value={input.fork}
        options={FORKS.map((fork) => [fork, fork])}
        onChange={(fork) => edit({ fork })}
      />
      <Field label="Call data" value={input.calldata} hint="0x" onInput={(calldata) => edit({ calldata })} />
      <Field label="Value, in wei" value={input.value} onInput={(value) => edit({ value })} />
      <Field label="Gas" value={input.gas} onInput={(gas) => edit({ gas })} />
    </div>
  );
}

/** The cases are known once the file has been run. */
function TestCase({ cases }: { readonly cases: readonly string[] }) {
  const { state, studio } = useStudio();
  const { input } = state;
  if (cases.length === 0) return <p class="hint">Run it to choose among its cases; the first comes first.</p>;
  const choose = (testCase: string): void => {
    studio.dispatch({ do: 'edit', fields: { testCase } });
    studio.open({ ...input, testCase });
  };
  const label = `Case, one of ${cases.length}`;
  return (
    <Choice label={label} value={input.testCase} options={cases.map((id) => [id, id])} onChange={choose} />
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  readonly onInput: (value: string) => void;
}

function Field({ label, value, hint, onInput }: FieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="text"
        class="mono"
        spellcheck={false}
        autocomplete="off"
        placeholder={hint}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}

function Examples({ onTake }: { readonly onTake: (input: CaseInput) => void }) {
  return (
    <label class="field">
      <span class="hidden">Examples</span>
      <select
        value=""
        onChange={(event) => {
          const example = EXAMPLES.find(({ name }) => name === event.currentTarget.value);
          event.currentTarget.value = '';
          onTake(example?.input ?? EMPTY_CASE);
        }}
      >
        <option value="" disabled>
          Examples
        </option>
        {EXAMPLES.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function OpenFile({ onTake }: { readonly onTake: (files: readonly File[]) => void }) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" onClick={() => field.current?.click()}>
        Open a file
      </button>
      <input
        ref={field}
        hidden
        type="file"
        id="open-file"
        onChange={(event) => {
          onTake([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
