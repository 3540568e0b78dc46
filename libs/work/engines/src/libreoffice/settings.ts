type Value = boolean | number | string;

/**
 * What LibreOffice may not do, whatever a document asks: a second wall behind the jail. The last two of Scripting are known to newer
 * releases only; an older one passes over them. Not DisableActiveContent: charts and embedded objects of ODF files are lost with it.
 */
const SETTINGS: readonly [path: string, name: string, value: Value][] = [
  ['Office.Common/Security/Scripting', 'MacroSecurityLevel', 3],
  ['Office.Common/Security/Scripting', 'DisableMacrosExecution', true],
  ['Office.Common/Security/Scripting', 'BlockUntrustedRefererLinks', true],
  ['Office.Common/Security/Scripting', 'DisablePythonRuntime', true],
  ['Office.Common/Security/Scripting', 'DisableOLEAutomation', true],
  // 2 is never in both; linked sections, sheets and DDE are left as they were saved.
  ['Office.Writer/Content/Update', 'Link', 2],
  ['Office.Calc/Content/Update', 'Link', 2],
  ['Office.ExtensionManager/ExtensionSecurity', 'DisableExtensionInstallation', true],
  // What would be kept of one document while the next is open.
  ['Office.Common/History', 'PickListSize', 0],
  ['Office.Common/Save/Document', 'AutoSave', false],
  ['Office.Recovery/RecoveryInfo', 'Enabled', false],
  // Waits for nobody, writes nothing beside a document.
  ['Setup/Office', 'ooSetupInstCompleted', true],
  ['Office.Common/Misc', 'FirstRun', false],
  ['Office.Common/Misc', 'CrashReport', false],
  ['Office.Common/Misc', 'UseLocking', false],
  ['Office.Common/Misc', 'UseDocumentOOoLockFile', false],
  ['Office.Common/Misc', 'UseDocumentSystemFileLocking', false],
  ['Office.Common/Save/Document', 'WarnAlienFormat', false],
];

const item = ([path, name, value]: (typeof SETTINGS)[number]) =>
  `<item oor:path="/org.openoffice.${path}"><prop oor:name="${name}" oor:op="fuse"><value>${value}</value></prop></item>`;

/** The file registrymodifications.xcu of a hardened profile. */
export const REGISTRY = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
${SETTINGS.map(item).join('\n')}
</oor:items>
`;
