/** Injection tokens of this lib. */
export const RESOURCES = Symbol('resources');
export const LISTS = Symbol('lists');
export const COMMANDS = Symbol('commands');
export const SETTINGS = Symbol('settings');
export const STORES = Symbol('stores');
