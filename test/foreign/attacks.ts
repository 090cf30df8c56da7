/**
 * Files made to do harm, or to be read as what they are not, each with the reason it is refused
 * for.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytes, globalOf, npyOf, safetensorsOf, text, torchZip, zipOf } from './forge';

export interface Attack {
  readonly name: string;
  readonly content: Buffer;
  readonly reason: RegExp;
}

const FOLDER = 'test/oracle/foreign';
const END = 0x2e;
const REDUCE = 0x52;
const attack = (name: string, content: Buffer, reason: RegExp): Attack => ({
  name,
  content,
  reason,
});

/** A pickle (protocol 4) of these parts, inside a PyTorch archive. */
const pickled = (...parts: (number | string | Buffer)[]): Buffer =>
  torchZip(bytes(0x80, 4, ...parts, END));
/** Calls `module.name(argument)`. */
const calling = (module: string, name: string): Buffer =>
  pickled(globalOf(module, name), text('id'), 0x85, REDUCE);

const code: readonly Attack[] = (
  [
    ['os', 'system'],
    ['posix', 'system'],
    ['nt', 'system'],
    ['subprocess', 'Popen'],
    ['builtins', 'eval'],
    ['builtins', 'exec'],
    ['builtins', 'getattr'],
    ['__builtin__', 'eval'],
    ['runpy', '_run_code'],
    ['pty', 'spawn'],
    ['socket', 'socket'],
    ['webbrowser', 'open'],
    ['shutil', 'rmtree'],
    ['importlib', 'import_module'],
    ['operator', 'attrgetter'],
    ['numpy.testing._private.utils', 'runstring'],
    ['torch.hub', 'load'],
    ['torch', 'load'],
    ['torch.jit', 'load'],
    ['torch.storage', '_load_from_bytes'],
    ['torch._utils', '_rebuild_tensor_v2.__globals__'],
    ['collections', 'namedtuple'],
    ['copyreg', '_reconstructor'],
    ['functools', 'partial'],
  ] as const
).map(([module, name]) =>
  attack(`calls ${module}.${name}`, calling(module, name), /refers to .* could be code/),
);

const opcodes: readonly Attack[] = [
  attack(
    'an old-style global',
    pickled('cos\nsystem\n', text('id'), 0x85, REDUCE),
    /could be code/,
  ),
  attack('INST', pickled(0x28, text('id'), 'ios\nsystem\n'), /opcode 0x69/),
  attack('OBJ', pickled(0x28, text('id'), 'o'), /opcode 0x6f/),
  attack('NEWOBJ_EX', pickled(0x92), /opcode 0x92/),
  attack('EXT1', pickled(0x82, 1), /opcode 0x82/),
  attack('a persistent id as text', pickled('Psecret\n'), /opcode 0x50/),
  attack('an out-of-band buffer', pickled(0x97), /opcode 0x97/),
  attack('an empty stack', pickled(0x52), /takes more than it has put down/),
  attack('a mark that was never set', pickled(0x74), /closes what it has not opened/),
  attack('a memo that was never put', pickled(0x68, 9), /recalls what it has not/),
  attack('a pickle that is cut off', torchZip(bytes(0x80, 4, 0x58, '\xff\xff\xff\x7f')), /cut off/),
  attack('a string of 2^60 bytes', pickled(0x8d, '\0\0\0\0\0\0\0\x10'), /claims .* bytes/),
  attack('a call of a string', pickled(text('x'), 0x29, REDUCE), /calls what is no name/),
  attack('no weights', pickled(0x7d), /no named tensors/),
  attack(
    'a dict within itself',
    pickled(0x7d, 0x94, text('model'), 0x68, 0, 0x73),
    /no named tensors/,
  ),
];

const storage = (count: number): Buffer =>
  bytes(
    0x28,
    text('storage'),
    globalOf('torch', 'FloatStorage'),
    text('0'),
    text('cpu'),
    0x4b,
    count,
    0x74,
    0x51,
  );
/** `{'w': tensor}` over a storage of `count` floats. */
const tensor = (count: number, offset: number, shape: number, stride: number): Buffer =>
  bytes(
    ...[0x80, 4, 0x7d],
    text('w'),
    globalOf('torch._utils', '_rebuild_tensor_v2'),
    0x28,
    storage(count),
    ...[0x4b, offset, 0x4b, shape, 0x85, 0x4b, stride, 0x85, 0x89, 0x7d, 0x74, REDUCE, 0x73, END],
  );
const data = (length: number, packed = false) => ({
  name: 'archive/data/0',
  content: Buffer.alloc(length),
  packed,
});

const tensors: readonly Attack[] = [
  attack('a tensor beyond its storage', torchZip(tensor(4, 2, 4, 1), data(16)), /reaches beyond/),
  attack('strides that jump out', torchZip(tensor(4, 0, 2, 9), data(16)), /reaches beyond/),
  attack('strides of zero', torchZip(tensor(4, 0, 200, 0), data(16)), /larger than its storage/),
  attack('a storage that is missing', torchZip(tensor(4, 0, 4, 1)), /is missing/),
  attack('a storage that is too short', torchZip(tensor(4, 0, 4, 1), data(8)), /too short/),
  attack('a compressed storage', torchZip(tensor(4, 0, 4, 1), data(16, true)), /compressed/),
  attack(
    'a TorchScript program',
    torchZip(tensor(4, 0, 4, 1), data(16), {
      name: 'archive/constants.pkl',
      content: bytes(')', END),
    }),
    /TorchScript/,
  ),
];

/** A `.keras` archive of this config. */
const kerasOf = (config: string): Buffer =>
  zipOf([
    { name: 'config.json', content: Buffer.from(config) },
    { name: 'model.weights.h5', content: readFileSync(join(FOLDER, 'plain.h5')) },
  ]);

const small = (name: string) => ({ name, content: Buffer.from('x') });
const zeros = Buffer.alloc(4_000_000);

const archives: readonly Attack[] = [
  attack('a name that climbs', zipOf([small('../../etc/passwd')]), /leads out/),
  attack('an absolute name', zipOf([small('/etc/passwd')]), /leads out/),
  attack('a drive', zipOf([small('C:evil.npy')]), /leads out/),
  attack('a backslash', zipOf([small('a\\..\\b.npy')]), /leads out/),
  attack('a NUL in a name', zipOf([small('a\0.npy')]), /leads out/),
  attack('two entries of one name', zipOf([small('a.npy'), small('a.npy')]), /twice/),
  attack(
    'a bomb',
    zipOf([{ name: 'a.npy', content: zeros, packed: true }]),
    /claims 4000000 bytes/,
  ),
  attack(
    'a size that lies low',
    zipOf([{ name: 'a.npy', content: zeros, packed: true, lies: { size: 100 } }]),
    /cannot be unpacked|has .* bytes/,
  ),
  attack(
    'two entries over each other',
    zipOf([small('a.npy'), { ...small('b.npy'), lies: { sameAs: 0 } }]),
    /calls itself|overlap/,
  ),
  attack(
    'an entry that swallows the next',
    zipOf([{ ...small('a.npy'), lies: { size: 60, packedSize: 60 } }, small('b.npy')]),
    /overlap/,
  ),
  attack('a checksum that lies', zipOf([{ ...small('a.npy'), lies: { checksum: 1 } }]), /checksum/),
  attack('an encrypted entry', zipOf([{ ...small('a.npy'), lies: { flags: 1 } }]), /encrypted/),
  attack('an unknown packing', zipOf([{ ...small('a.npy'), lies: { method: 93 } }]), /method 93/),
  attack(
    'two names for one entry',
    zipOf([{ ...small('a.npy'), lies: { localName: 'b.npy' } }]),
    /calls itself/,
  ),
  attack(
    'two packings for one entry',
    zipOf([{ ...small('a.npy'), lies: { localMethod: 8 } }]),
    /two ways/,
  ),
  attack(
    'two checksums for one entry',
    zipOf([{ ...small('a.npy'), lies: { local: { checksum: 1 } } }]),
    /two headers of 'a.npy' differ in checksum/,
  ),
  attack(
    'two sizes for one entry',
    zipOf([{ ...small('a.npy'), lies: { local: { size: 2 } } }]),
    /two headers of 'a.npy' differ in size/,
  ),
  attack(
    'two packed sizes for one entry, though they may stand behind it',
    zipOf([{ ...small('a.npy'), lies: { flags: 8, local: { packedSize: 2 } } }]),
    /two headers of 'a.npy' differ in packed size/,
  ),
  attack(
    'two names for one entry that read alike',
    zipOf([{ ...small('\ufffd.npy'), lies: { localName: Buffer.from('ff2e6e7079', 'hex') } }]),
    /calls itself/,
  ),
  attack('a directory that is too long', zipOf([small('a.npy')], 9), /malformed/),
  attack('a 7-Zip archive', Buffer.from('377abcaf271c0004', 'hex'), /7-Zip/),
  attack('a bare pickle', bytes(0x80, 2, 'cos\nsystem\n', END), /bare Python pickle/),
];

const configs: readonly Attack[] = [
  attack('a Lambda', kerasOf('{"layers": [{"class_name": "Lambda"}]}'), /has a Lambda layer/),
  attack(
    'a Lambda in other letters',
    kerasOf(String.raw`{"layers": [{"class_name": "\u004cambda"}]}`),
    /has a Lambda layer/,
  ),
  attack(
    'a Lambda under a key in other letters',
    kerasOf(String.raw`{"layers": [{"class\u005fname": "Lambda"}]}`),
    /has a Lambda layer/,
  ),
  attack(
    'a Lambda in what only Python takes for JSON',
    kerasOf(String.raw`{"most": Infinity, "layers": [{"class_name": "Lambd\u0061"}]}`),
    /has a Lambda layer/,
  ),
  attack(
    'a Lambda of a package',
    kerasOf('{"layers": [{"class_name": "Custom>Lambda"}]}'),
    /has a Lambda layer/,
  ),
];

const entry = (patch: object) => ({
  w: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...patch },
});

const headers: readonly Attack[] = [
  attack('a header of 2^40 bytes', safetensorsOf(entry({}), 8, 2n ** 40n), /anything known/),
  attack('a hole', safetensorsOf(entry({ data_offsets: [4, 12] }), 12), /does not lie where/),
  attack('bytes behind the end', safetensorsOf(entry({}), 9), /are declared/),
  attack('a file that is cut off', safetensorsOf(entry({}), 7), /are declared/),
  attack(
    'a shape that overflows',
    safetensorsOf(entry({ shape: [2 ** 40, 2 ** 40] }), 8),
    /does not lie/,
  ),
  attack('a negative shape', safetensorsOf(entry({ shape: [-2] }), 8), /malformed/),
  attack(
    'a name as long as a file',
    safetensorsOf({ ['n'.repeat(2_000_000)]: entry({}).w }, 8),
    /the name 'n+…n+' of a tensor has 2,000,000 characters/,
  ),
  attack(
    'a name as long as a file, of a tensor that is unsound',
    safetensorsOf({ ['n'.repeat(2_000_000)]: entry({ shape: [3] }).w }, 8),
    /'nnn.*…n+' does not lie where its shape says/,
  ),
  attack('an unknown type', safetensorsOf(entry({ dtype: 'F8_E9' }), 8), /of the type/),
  attack(
    'a key that stands twice',
    safetensorsOf(
      `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`,
      8,
    ),
    /twice/,
  ),
  attack(
    'tensors over each other',
    safetensorsOf({ ...entry({}), v: { dtype: 'F32', shape: [2], data_offsets: [4, 12] } }, 12),
    /does not lie where/,
  ),
  attack(
    'an array of objects',
    npyOf("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8),
    /Python objects/,
  ),
  attack(
    'a header that is code',
    npyOf("{'descr': __import__('os').system('id')}", 8),
    /header is not that/,
  ),
  attack(
    'a shape that is too large',
    npyOf("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", 8),
    /does not fit/,
  ),
  attack('a version that is not', npyOf('{}', 8, 9), /version is 9/),
  attack(
    'a shard that climbs',
    Buffer.from('{"weight_map": {"w": "../../../etc/passwd"}}'),
    /leads out of its folder/,
  ),
  attack(
    'a manifest that climbs',
    Buffer.from('{"weightsManifest": [{"paths": ["/etc/passwd"], "weights": []}]}'),
    /leads out of its folder/,
  ),
  attack('an empty file', Buffer.alloc(0), /empty/),
  attack('half a download', Buffer.from('<!DOCTYPE html><html>'), /begins with/),
];

const hdf5: readonly Attack[] = (
  [
    ['attack-external-storage.h5', /cannot be read/],
    ['attack-external-link.h5', /is a link to the file/],
    ['attack-virtual.h5', /lies in another file/],
    ['attack-huge.h5', /claims/],
    ['attack-lambda.h5', /Lambda/],
    ['attack-filter.h5', /packed by the filter/],
  ] as const
).map(([name, reason]) => attack(name, readFileSync(join(FOLDER, name)), reason));

export const attacks: readonly Attack[] = [
  ...code,
  ...opcodes,
  ...tensors,
  ...archives,
  ...configs,
  ...headers,
  ...hdf5,
];
