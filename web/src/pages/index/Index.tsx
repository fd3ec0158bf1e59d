export function Index() { return null; }
