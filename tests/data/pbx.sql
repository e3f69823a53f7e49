-- The PBX's three tables, as its own schema makes them. didctl reads and writes their rows and never alters them.
CREATE TABLE organizations (
  id CHAR(36) PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  context_prefix VARCHAR(64)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE users (
  id CHAR(36) PRIMARY KEY,
  org_id CHAR(36),
  name VARCHAR(255),
  outbound_did VARCHAR(20)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE did_numbers (
  id CHAR(36) PRIMARY KEY,
  number VARCHAR(20) UNIQUE NOT NULL,
  org_id CHAR(36),
  trunk_id CHAR(36),
  pool_status ENUM('available','pending','assigned','reserved') DEFAULT 'available',
  routing_environment ENUM('prod','staging','oss') DEFAULT 'prod',
  is_default BOOLEAN DEFAULT 0,
  routing_type VARCHAR(20),
  routing_destination VARCHAR(255),
  recording_enabled BOOLEAN,
  status ENUM('active','inactive','ported','suspended') DEFAULT 'active',
  region VARCHAR(255),
  provider VARCHAR(255),
  monthly_price DECIMAL(10,2)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
