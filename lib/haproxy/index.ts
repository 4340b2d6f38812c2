export { BALANCE, Balance } from './balance.js';
export { ERROR_FILE_LIMIT, errorFile, errorStatuses, isErrorStatus } from './error-file.js';
export { isProxyName, PROXY_NAME_RULE } from './name.js';
export { Section } from './section.js';
