// Writes the documents that are made from the code.
import { writeFileSync } from 'node:fs';
import { messagesDocument } from '../lib/messages.js';

writeFileSync('docs/MESSAGES.md', messagesDocument());
