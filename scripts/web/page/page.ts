// The page: fields in, a report out.
import { byId, element } from './dom.js';
import { FieldError, fieldsWithPrivateKeys, KINDS, type Question } from './question.js';
import { judge } from './report.js';
import { view } from './view.js';

const FIELDS = [
  'text',
  'keys',
  'holderKeys',
  'kind',
  'policy',
  'issuer',
  'audience',
  'nonce',
  'at',
  'options',
] as const satisfies readonly (keyof Question)[];
/** Longer files are rejected. */
const MAX_BYTES = 16 * 1024 * 1024;

type Field = HTMLTextAreaElement | HTMLInputElement | HTMLSelectElement;

const form = byId<HTMLFormElement>('form');
const result = byId<HTMLElement>('result');

const read = (): Question =>
  Object.fromEntries(FIELDS.map((name) => [name, byId<Field>(name).value.trim()])) as unknown as Question;

function complain(field: keyof Question, message: string): void {
  byId(`${field}-error`).textContent = message;
  byId<Field>(field).setAttribute('aria-invalid', 'true');
  if (field === 'holderKeys' || field === 'options') byId<HTMLDetailsElement>('more').open = true;
}

function forgetComplaints(): void {
  for (const name of FIELDS) {
    byId(`${name}-error`).textContent = '';
    byId(name).removeAttribute('aria-invalid');
  }
}

/** Counts the questions, so that a late answer is not shown. */
let asked = 0;

async function verify(): Promise<void> {
  const question = read();
  const own = ++asked;
  forgetComplaints();
  result.dataset.state = 'busy';
  const report = await judge(question);
  if (own !== asked) return;
  const { problem } = report;
  if (problem?.field !== undefined) complain(problem.field, problem.message);
  for (const name of fieldsWithPrivateKeys(question)) byId<Field>(name).value = '';
  result.replaceChildren(...view(report));
  result.hidden = false;
  result.dataset.outcome = report.outcome;
  result.dataset.quantumSafe = String(report.quantumSafe);
  result.dataset.code = problem?.code ?? '';
  result.dataset.state = 'done';
  result.focus();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void verify();
});

async function take(file: File, field: 'text' | 'keys'): Promise<void> {
  forgetComplaints();
  if (file.size > MAX_BYTES) complain(field, `The file has ${file.size} bytes, the page takes ${MAX_BYTES}.`);
  else byId<HTMLTextAreaElement>(field).value = await file.text();
}

for (const field of ['text', 'keys'] as const) {
  const area = byId<HTMLTextAreaElement>(field);
  area.addEventListener('dragover', (event) => {
    event.preventDefault();
    area.classList.add('over');
  });
  area.addEventListener('dragleave', () => area.classList.remove('over'));
  area.addEventListener('drop', (event) => {
    area.classList.remove('over');
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    void take(file, field);
  });
  byId<HTMLInputElement>(`${field}-file`).addEventListener('change', ({ target }) => {
    const file = (target as HTMLInputElement).files?.[0];
    if (file !== undefined) void take(file, field);
  });
}

byId('kind').append(...Object.entries(KINDS).map(([value, what]) => element('option', { value }, what)));

/** The only request of the page. */
async function fetchKeys(url: string): Promise<string> {
  if (!/^https:\/\//.test(url)) throw new FieldError('keys', 'The address must begin with https://.');
  let response: Response;
  try {
    response = await fetch(url, {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
    });
  } catch {
    throw new FieldError(
      'keys',
      'The keys could not be fetched: no answer, a redirect, or the server does not allow pages to read them (CORS). Paste them.',
    );
  }
  if (!response.ok) throw new FieldError('keys', `The server answered ${response.status}.`);
  const text = await response.text();
  if (text.length > MAX_BYTES) throw new FieldError('keys', 'The answer is too long.');
  return text;
}

byId('fetch').addEventListener('click', () => {
  forgetComplaints();
  fetchKeys(byId<HTMLInputElement>('url').value.trim()).then(
    (text) => {
      byId<HTMLTextAreaElement>('keys').value = text;
      byId('keys').focus();
    },
    (error: FieldError) => complain('keys', error.message),
  );
});
