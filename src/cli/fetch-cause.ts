// Why a document could not be fetched. Only known codes are put into words: the message of the runtime may quote what is secret.

/** The codes of Node for connections. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'DNS has no such host',
  EAI_AGAIN: 'DNS gives no answer',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was interrupted',
  EPIPE: 'the connection was interrupted',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  UND_ERR_SOCKET: 'the connection was interrupted',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
};

/** Codes of OpenSSL and of Node for certificates and for the handshake. */
const IS_TLS = /CERT|CRL|SSL|TLS|^UNABLE_TO_|_CA$|^EPROTO$|^HOSTNAME_MISMATCH$/;
const IS_CODE = /^[A-Z][A-Z0-9_]{2,60}$/;
/** Errors nest: the library's, that of fetch, that of the socket. */
const MAX_DEPTH = 4;

/** The text to add to the message; empty if the cause is not known, or the code is of another error. */
export function fetchCause(code: unknown, cause: unknown): string {
  if (code !== 'ERR_MANDATE_FETCH_FAILED') return '';
  let error = cause as { code?: unknown; cause?: unknown } | null | undefined;
  for (let depth = 0; depth < MAX_DEPTH && typeof error === 'object' && error !== null; depth++) {
    if (typeof error.code === 'string' && IS_CODE.test(error.code)) return `: ${inWords(error.code)}`;
    error = error.cause as typeof error;
  }
  return '';
}

const inWords = (code: string): string => {
  const words = CAUSES[code] ?? (IS_TLS.test(code) ? 'TLS failed' : undefined);
  return words === undefined ? code : `${words} (${code})`;
};
