export type DatabaseKind = 'sqlite' | 'mysql' | 'mariadb';
