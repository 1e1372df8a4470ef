/** What the page knows, and how it changes. */

import { type CaseInput, EMPTY_CASE } from './model/case.ts';
import type { Checked, Listing, Opened, View } from './worker/protocol.ts';

export const TABS = ['Debugger', 'Calls', 'Gas', 'Logs', 'Changes', 'Test files'] as const;
export type Tab = (typeof TABS)[number];

/** A file of state tests that was checked. */
export interface CheckedFile {
  readonly file: string;
  readonly results: readonly Checked[];
  /** Why it could not be run. */
  readonly problem: string | null;
}

export interface State {
  readonly input: CaseInput;
  /** What the worker does now, in words. */
  readonly busy: string | null;
  readonly problem: string | null;
  readonly opened: Opened | null;
  readonly view: View | null;
  readonly listing: Listing | null;
  readonly tab: Tab;
  readonly link: string | null;
  readonly files: readonly CheckedFile[];
  /** How many there are to check in all. */
  readonly filesInAll: number;
}

export const START: State = {
  input: EMPTY_CASE,
  busy: null,
  problem: null,
  opened: null,
  view: null,
  listing: null,
  tab: 'Debugger',
  link: null,
  files: [],
  filesInAll: 0,
};

export type Action =
  | { readonly do: 'edit'; readonly fields: Partial<CaseInput> }
  | { readonly do: 'begin'; readonly busy: string }
  | { readonly do: 'open'; readonly opened: Opened }
  | { readonly do: 'view'; readonly view: View }
  | { readonly do: 'fail'; readonly problem: string }
  /** The worker is gone, and what was open in it. */
  | { readonly do: 'lose'; readonly problem: string }
  | { readonly do: 'dismiss' }
  | { readonly do: 'tab'; readonly tab: Tab }
  | { readonly do: 'link'; readonly link: string | null }
  | { readonly do: 'files'; readonly count: number }
  | { readonly do: 'file'; readonly file: CheckedFile };

export function reduce(state: State, action: Action): State {
  switch (action.do) {
    case 'edit':
      return { ...state, input: { ...state.input, ...action.fields }, link: null };
    case 'begin':
      return { ...state, busy: action.busy, problem: null };
    case 'open': {
      const { opened } = action;
      const { view, testCase } = opened;
      const listing = view.listing ?? null;
      const input = { ...state.input, testCase };
      // Where it was started from another place, files are no more what one looks at.
      const tab = state.tab === 'Test files' ? 'Debugger' : state.tab;
      return { ...state, input, busy: null, opened, view, listing, tab };
    }
    case 'view': {
      const { view } = action;
      return { ...state, busy: null, view, listing: view.listing ?? state.listing };
    }
    case 'fail':
      return { ...state, busy: null, problem: action.problem };
    case 'lose':
      return { ...state, busy: null, problem: action.problem, opened: null, view: null, listing: null };
    case 'dismiss':
      return { ...state, problem: null };
    case 'tab':
      return { ...state, tab: action.tab };
    case 'link':
      return { ...state, link: action.link };
    case 'files':
      return { ...state, files: [], filesInAll: action.count, tab: 'Test files' };
    case 'file': {
      const files = [...state.files, action.file];
      return { ...state, files, busy: files.length < state.filesInAll ? state.busy : null };
    }
  }
}
