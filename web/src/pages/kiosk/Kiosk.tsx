export function Kiosk() { return null; }
