import { Failure } from '@millrace/failures';
import type { OfficeOptions } from './options';
import type { Refusal } from './request';

/** What a customer is told about a document that LibreOffice did not convert. */
export function failureOfRefusal({ error, detail }: Refusal, filename: string, type: string, { output_format: format, pages, password }: OfficeOptions): Failure {
  const cause = new Error(detail);
  switch (error) {
    case 'password':
      return new Failure('INVALID_INPUT', `The file ${filename} is protected: give its password in the option password`, { cause });
    case 'wrong_password':
      return new Failure('INVALID_INPUT', `The password given does not open the file ${filename}`, { cause });
    case 'unreadable':
      // Of a wrong password for a doc LibreOffice only says that it cannot read the file.
      return new Failure('INVALID_INPUT', `The file ${filename} is no readable ${type} document: it is damaged, incomplete or of another type${password == null ? '' : ', or the password does not open it'}`, { cause });
    case 'unstorable':
      return new Failure('INVALID_INPUT', `The file ${filename} could not be written as ${format}${pages ? `; has it any of the pages ${pages}?` : ''}`, { cause });
    case 'sheets':
      return new Failure('LIMIT_EXCEEDED', `The file ${filename} has more sheets than the limit of 100`, { cause });
    case 'empty':
      return new Failure('INVALID_INPUT', `The file ${filename} holds nothing that could be written as ${format}`, { cause });
  }
}
