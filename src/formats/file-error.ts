import { DataError } from '../errors.ts'

type Explanation = { rule: string; hint: string }

const EXPLANATIONS: Record<string, Explanation> = {
  ENOENT: { rule: 'no such file or folder', hint: 'check the spelling; a relative path starts at the current folder' },
  ENOTDIR: { rule: 'a part of this path is a file, not a folder', hint: 'check the path' },
  EEXIST: { rule: 'this is a file, not a folder', hint: 'name another folder' },
  EISDIR: { rule: 'this is a folder, not a file', hint: 'name a file inside it' },
  EACCES: { rule: 'no permission', hint: 'check who owns the file and its folder, for example with `ls -l`' },
  EPERM: { rule: 'not permitted', hint: 'check who owns the file and its folder, and whether another program holds it' },
  EROFS: { rule: 'the disk is read-only', hint: 'choose a folder on another disk' },
  ENOSPC: { rule: 'the disk is full', hint: 'free some space or choose another disk; what was there before is unchanged' },
  EDQUOT: {
    rule: 'the disk quota is used up',
    hint: 'free some space or choose another disk; what was there before is unchanged',
  },
  EFBIG: { rule: 'the file is larger than this disk allows', hint: 'choose another disk' },
  EMFILE: { rule: 'too many files are open', hint: 'raise the limit, for example with `ulimit -n 4096`' },
  ENAMETOOLONG: { rule: 'the name is too long', hint: 'choose a shorter path' },
  ELOOP: { rule: 'its links lead in a circle', hint: 'check the links with `ls -l`' },
}

/** The `code` of an operating system error, such as 'ENOENT'. */
export function errnoCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What the operating system said about `path`, as a DataError; every other error comes back as it is. */
export function fileError(path: string, error: unknown): unknown {
  const explanation = EXPLANATIONS[errnoCode(error) ?? '']
  return explanation === undefined ? error : new DataError({ place: path, ...explanation, cause: error })
}
