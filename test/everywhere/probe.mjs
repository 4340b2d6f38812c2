// Loaded into each process of a scene before all else: the process must be what the scene says, or the scene shows nothing.
import assert from 'node:assert/strict';

const expected = JSON.parse(process.env.SCENE);
const language = expected.locale === 'C' ? 'en-US' : expected.locale.replace(/\..*/, '').replace('_', '-');
assert.deepEqual(
  {
    version: process.version,
    umask: process.umask().toString(8).padStart(3, '0'),
    uid: process.getuid?.(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    language: Intl.DateTimeFormat().resolvedOptions().locale,
    number: (1234.5).toLocaleString(),
  },
  {
    version: expected.version,
    umask: expected.umask,
    uid: expected.uid,
    zone: expected.zone,
    language,
    number: language === 'tr-TR' ? '1.234,5' : '1,234.5',
  },
);

// Node asks the locale for numbers, dates and order, not for capitals: whoever asks for those is to hear Turkish too.
if (language === 'tr-TR') {
  for (const name of ['toLocaleUpperCase', 'toLocaleLowerCase']) {
    const own = String.prototype[name];
    Object.defineProperty(String.prototype, name, {
      value(locale = 'tr') {
        return own.call(this, locale);
      },
    });
  }
  assert.equal('i'.toLocaleUpperCase(), '\u0130');
}
