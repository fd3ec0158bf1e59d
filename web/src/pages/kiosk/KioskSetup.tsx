export function KioskSetup() { return null; }
