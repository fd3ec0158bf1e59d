export function OwnEnrollment() { return null; }
