/** The logs of the run. */

import { useStudio } from '../studio.ts';
import { Empty, NothingRun } from './empty.tsx';

export function Logs() {
  const { opened } = useStudio().state;
  if (opened === null) return <NothingRun />;
  const { logs } = opened.outcome;
  if (logs.length === 0) return <Empty>The run has left no logs.</Empty>;
  return (
    <ol class="cards">
      {logs.map(({ address, topics, data }, i) => (
        <li key={i}>
          <h3>Log {i}</h3>
          <dl class="facts">
            <div>
              <dt>Account</dt>
              <dd class="mono">{address}</dd>
            </div>
            {topics.map((topic, at) => (
              <div key={at}>
                <dt>Topic {at}</dt>
                <dd class="mono">{topic}</dd>
              </div>
            ))}
            <div>
              <dt>Data</dt>
              <dd class="mono">{data}</dd>
            </div>
          </dl>
        </li>
      ))}
    </ol>
  );
}
