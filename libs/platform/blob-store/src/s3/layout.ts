/** Names of objects: heads are `<prefix>/blobs/<key>`, bytes that are not in their head `<prefix>/data/<key>/<id>`. */
export class Layout {
  readonly heads: string;
  readonly bytes: string;

  constructor(prefix: string) {
    const root = prefix === '' ? '' : `${prefix}/`;
    this.heads = `${root}blobs/`;
    this.bytes = `${root}data/`;
  }

  head(key: string): string {
    return this.heads + key;
  }

  data(key: string, id: string): string {
    return `${this.bytes}${key}/${id}`;
  }

  keyOfHead(object: string): string {
    return object.slice(this.heads.length);
  }

  keyOfData(object: string): { key: string; id: string } {
    const end = object.lastIndexOf('/');
    return { key: object.slice(this.bytes.length, end), id: object.slice(end + 1) };
  }
}
