-- DropIndex
DROP INDEX "clients_organization_id_idx";

-- DropIndex
DROP INDEX "apis_organization_id_idx";

-- AlterTable
ALTER TABLE "sign_up_passes" ADD COLUMN     "trust_domain_id" UUID;

-- AlterTable
ALTER TABLE "clients" ADD COLUMN     "homepage_uri" TEXT,
ADD COLUMN     "jwks_uri" TEXT,
ADD COLUMN     "logo" TEXT,
ADD COLUMN     "name_key" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "presented_since" TIMESTAMPTZ(3),
ADD COLUMN     "privacy_uri" TEXT,
ADD COLUMN     "sponsored" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "stage" TEXT NOT NULL DEFAULT 'live',
ADD COLUMN     "suspended_by" UUID,
ADD COLUMN     "terms_uri" TEXT,
ADD COLUMN     "trust_domain_id" UUID NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001',
ADD COLUMN     "verified_at" TIMESTAMPTZ(3),
ADD COLUMN     "verified_host" TEXT;

-- AlterTable
ALTER TABLE "client_secrets" ADD COLUMN     "created_by" UUID,
ADD COLUMN     "ends_when_silent" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "hint" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "label" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "last_used_at" TIMESTAMPTZ(3),
ADD COLUMN     "last_used_from" TEXT,
ADD COLUMN     "replaced_at" TIMESTAMPTZ(3),
ADD COLUMN     "replaced_by" UUID,
ADD COLUMN     "warned_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "apis" ADD COLUMN     "claimed_identifier" TEXT,
ADD COLUMN     "description" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "docs_uri" TEXT,
ADD COLUMN     "minimum_acr" TEXT,
ADD COLUMN     "terms_due_at" TIMESTAMPTZ(3),
ADD COLUMN     "terms_version" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "token_seconds" INTEGER,
ADD COLUMN     "trust_domain_id" UUID NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001',
ALTER COLUMN "identifier" DROP NOT NULL;

-- AlterTable
ALTER TABLE "scopes" ADD COLUMN     "deprecated_at" TIMESTAMPTZ(3),
ADD COLUMN     "details" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "sentences" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "successor" TEXT;

-- AlterTable
ALTER TABLE "accesses" ADD COLUMN     "end_note" TEXT,
ADD COLUMN     "origin_id" UUID,
ADD COLUMN     "people_per_day" INTEGER,
ADD COLUMN     "requests_per_minute" INTEGER,
ADD COLUMN     "terms_version" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "consents" ADD COLUMN     "confirmed_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "trust_domains" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "mail_domains" TEXT[],
    "second_factor" TEXT,
    "session_idle_minutes" INTEGER,
    "session_hours" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "trust_domains_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trust_domain_members" (
    "trust_domain_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "origin" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "trust_domain_members_pkey" PRIMARY KEY ("account_id","trust_domain_id")
);

-- CreateTable
CREATE TABLE "invitations" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "client_id" TEXT,
    "role" TEXT,
    "email" TEXT NOT NULL,
    "email_key" TEXT NOT NULL,
    "digest" BYTEA NOT NULL,
    "invited_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "declined_at" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "proven_hosts" (
    "organization_id" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "challenge" TEXT NOT NULL,
    "method" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "proven_at" TIMESTAMPTZ(3),
    "checked_at" TIMESTAMPTZ(3),

    CONSTRAINT "proven_hosts_pkey" PRIMARY KEY ("organization_id","host")
);

-- CreateTable
CREATE TABLE "client_logos" (
    "client_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "picture" BYTEA NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,

    CONSTRAINT "client_logos_pkey" PRIMARY KEY ("client_id")
);

-- CreateTable
CREATE TABLE "client_keys" (
    "id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "kid" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "jwk" JSONB NOT NULL,
    "thumbprint" TEXT NOT NULL,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "client_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "client_testers" (
    "client_id" TEXT NOT NULL,
    "account_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "client_testers_pkey" PRIMARY KEY ("client_id","account_id")
);

-- CreateTable
CREATE TABLE "client_reviews" (
    "id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "wishes" JSONB NOT NULL DEFAULT '{}',
    "asked_by" UUID NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "note" TEXT,

    CONSTRAINT "client_reviews_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_terms" (
    "api_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "published_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "api_terms_pkey" PRIMARY KEY ("api_id","version")
);

-- CreateTable
CREATE TABLE "terms_acceptances" (
    "id" UUID NOT NULL,
    "api_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "client_id" TEXT NOT NULL,
    "accepted_by" UUID,
    "accepted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "terms_acceptances_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_references" (
    "api_id" UUID NOT NULL,
    "document" JSONB NOT NULL,
    "uploaded_by" UUID,
    "uploaded_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "api_references_pkey" PRIMARY KEY ("api_id")
);

-- CreateTable
CREATE TABLE "api_openings" (
    "id" UUID NOT NULL,
    "api_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "organization_id" UUID,
    "client_id" TEXT,
    "scopes" TEXT[],
    "days" INTEGER,
    "people_per_day" INTEGER,
    "requests_per_minute" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_openings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_requests" (
    "id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "api_id" UUID NOT NULL,
    "scopes" TEXT[],
    "purpose" TEXT NOT NULL,
    "terms_version" INTEGER NOT NULL,
    "asked_by" UUID NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ(3),
    "note" TEXT,

    CONSTRAINT "access_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_codes" (
    "id" UUID NOT NULL,
    "api_id" UUID NOT NULL,
    "digest" BYTEA NOT NULL,
    "label" TEXT NOT NULL,
    "scopes" TEXT[],
    "from_at" TIMESTAMPTZ(3) NOT NULL,
    "until_at" TIMESTAMPTZ(3) NOT NULL,
    "days" INTEGER,
    "uses_left" INTEGER NOT NULL,
    "organization_id" UUID,
    "key_thumbprint" TEXT,
    "people_per_day" INTEGER,
    "requests_per_minute" INTEGER,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "access_codes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_days" (
    "client_id" TEXT NOT NULL,
    "api_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "people" INTEGER NOT NULL,

    CONSTRAINT "access_days_pkey" PRIMARY KEY ("day","client_id","api_id")
);

-- CreateTable
CREATE TABLE "access_people" (
    "client_id" TEXT NOT NULL,
    "api_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "account_id" UUID NOT NULL,

    CONSTRAINT "access_people_pkey" PRIMARY KEY ("day","client_id","api_id","account_id")
);

-- CreateTable
CREATE TABLE "usage_hours" (
    "client_id" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "endpoint" TEXT NOT NULL,
    "error" TEXT NOT NULL,
    "requests" INTEGER NOT NULL,
    "tokens" INTEGER NOT NULL,
    "buckets" INTEGER[],

    CONSTRAINT "usage_hours_pkey" PRIMARY KEY ("client_id","hour","endpoint","error")
);

-- CreateTable
CREATE TABLE "usage_people" (
    "client_id" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "subject" TEXT NOT NULL,

    CONSTRAINT "usage_people_pkey" PRIMARY KEY ("client_id","day","subject")
);

-- CreateIndex
CREATE UNIQUE INDEX "trust_domains_name_key" ON "trust_domains"("name");

-- CreateIndex
CREATE INDEX "trust_domain_members_trust_domain_id_idx" ON "trust_domain_members"("trust_domain_id");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_digest_key" ON "invitations"("digest");

-- CreateIndex
CREATE INDEX "invitations_organization_id_created_at_idx" ON "invitations"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "invitations_client_id_idx" ON "invitations"("client_id");

-- CreateIndex
CREATE INDEX "invitations_email_key_created_at_idx" ON "invitations"("email_key", "created_at");

-- CreateIndex
CREATE INDEX "proven_hosts_host_idx" ON "proven_hosts"("host");

-- CreateIndex
CREATE INDEX "client_logos_name_idx" ON "client_logos"("name");

-- CreateIndex
CREATE INDEX "client_keys_client_id_idx" ON "client_keys"("client_id");

-- CreateIndex
CREATE INDEX "client_testers_account_id_idx" ON "client_testers"("account_id");

-- CreateIndex
CREATE INDEX "client_reviews_client_id_idx" ON "client_reviews"("client_id");

-- CreateIndex
CREATE INDEX "client_reviews_outcome_id_idx" ON "client_reviews"("outcome", "id");

-- CreateIndex
CREATE UNIQUE INDEX "terms_acceptances_api_id_version_client_id_key" ON "terms_acceptances"("api_id", "version", "client_id");

-- CreateIndex
CREATE INDEX "api_openings_api_id_idx" ON "api_openings"("api_id");

-- CreateIndex
CREATE INDEX "access_requests_client_id_idx" ON "access_requests"("client_id");

-- CreateIndex
CREATE INDEX "access_requests_api_id_outcome_id_idx" ON "access_requests"("api_id", "outcome", "id");

-- CreateIndex
CREATE UNIQUE INDEX "access_codes_digest_key" ON "access_codes"("digest");

-- CreateIndex
CREATE INDEX "access_codes_api_id_id_idx" ON "access_codes"("api_id", "id");

-- CreateIndex
CREATE INDEX "usage_hours_hour_idx" ON "usage_hours" USING BRIN ("hour");

-- CreateIndex
CREATE INDEX "usage_people_day_idx" ON "usage_people"("day");

-- CreateIndex
CREATE INDEX "clients_organization_id_id_idx" ON "clients"("organization_id", "id");

-- CreateIndex
CREATE INDEX "clients_name_key_idx" ON "clients"("name_key");

-- CreateIndex
CREATE INDEX "client_secrets_expires_at_idx" ON "client_secrets"("expires_at");

-- CreateIndex
CREATE INDEX "apis_organization_id_id_idx" ON "apis"("organization_id", "id");

-- CreateIndex
CREATE INDEX "accesses_api_id_id_idx" ON "accesses"("api_id", "id");

-- CreateIndex
CREATE INDEX "accesses_origin_id_idx" ON "accesses"("origin_id");

-- CreateIndex
CREATE INDEX "grants_client_id_idx" ON "grants"("client_id");

-- CreateIndex
CREATE INDEX "consents_client_id_id_idx" ON "consents"("client_id", "id");

-- AddForeignKey
ALTER TABLE "trust_domain_members" ADD CONSTRAINT "trust_domain_members_trust_domain_id_fkey" FOREIGN KEY ("trust_domain_id") REFERENCES "trust_domains"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trust_domain_members" ADD CONSTRAINT "trust_domain_members_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "proven_hosts" ADD CONSTRAINT "proven_hosts_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_logos" ADD CONSTRAINT "client_logos_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_keys" ADD CONSTRAINT "client_keys_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_testers" ADD CONSTRAINT "client_testers_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_reviews" ADD CONSTRAINT "client_reviews_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_terms" ADD CONSTRAINT "api_terms_api_id_fkey" FOREIGN KEY ("api_id") REFERENCES "apis"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "terms_acceptances" ADD CONSTRAINT "terms_acceptances_api_id_version_fkey" FOREIGN KEY ("api_id", "version") REFERENCES "api_terms"("api_id", "version") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_references" ADD CONSTRAINT "api_references_api_id_fkey" FOREIGN KEY ("api_id") REFERENCES "apis"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_openings" ADD CONSTRAINT "api_openings_api_id_fkey" FOREIGN KEY ("api_id") REFERENCES "apis"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What was there before belongs to main.
INSERT INTO "trust_domains" ("id", "name", "title", "mail_domains", "created_at")
VALUES ('00000000-0000-7000-8000-000000000001', 'main', 'Main', '{}', now());

-- By hand from here: what the models cannot say.

-- The request log of src/developers/insights/request-log.ts: seven days of protocol calls in nine parts, which take turns
-- by day (UTC days since 1970, modulo nine). A job empties the part of tomorrow, so that no day is deleted row by row.
CREATE SEQUENCE "request_log_ids";

CREATE TABLE "request_log" (
    "slot" SMALLINT NOT NULL,
    "id" BIGINT NOT NULL DEFAULT nextval('request_log_ids'),
    "at" TIMESTAMPTZ(3) NOT NULL,
    "client_id" TEXT NOT NULL,
    -- Endpoint and outcome in one number, so that one index serves the list and its filters.
    "lane" SMALLINT NOT NULL,
    "status" SMALLINT NOT NULL,
    "micros" INTEGER NOT NULL,
    "request_id" TEXT NOT NULL,
    "grant_type" TEXT,
    "error" TEXT,
    -- What was asked and answered, redacted, as JSON: kept of failures, and of successes now and then.
    "facts" TEXT,
    -- Of calls that merely name the app: what makes one distinct, and which of the day it is.
    "fingerprint" BYTEA,
    "ordinal" SMALLINT
) PARTITION BY LIST ("slot");

CREATE TABLE "request_log_0" PARTITION OF "request_log" FOR VALUES IN (0);
CREATE TABLE "request_log_1" PARTITION OF "request_log" FOR VALUES IN (1);
CREATE TABLE "request_log_2" PARTITION OF "request_log" FOR VALUES IN (2);
CREATE TABLE "request_log_3" PARTITION OF "request_log" FOR VALUES IN (3);
CREATE TABLE "request_log_4" PARTITION OF "request_log" FOR VALUES IN (4);
CREATE TABLE "request_log_5" PARTITION OF "request_log" FOR VALUES IN (5);
CREATE TABLE "request_log_6" PARTITION OF "request_log" FOR VALUES IN (6);
CREATE TABLE "request_log_7" PARTITION OF "request_log" FOR VALUES IN (7);
CREATE TABLE "request_log_8" PARTITION OF "request_log" FOR VALUES IN (8);

-- A few pages for any number of rows: by it the hourly job finds that a part holds nothing too old.
CREATE INDEX "request_log_at_idx" ON "request_log" USING brin ("at");
CREATE INDEX "request_log_lane_idx" ON "request_log" ("client_id", "lane", "at", "id");
CREATE INDEX "request_log_error_idx" ON "request_log" ("client_id", "error", "lane", "at", "id") WHERE "error" IS NOT NULL;
CREATE INDEX "request_log_request_idx" ON "request_log" ("client_id", "request_id");
CREATE UNIQUE INDEX "request_log_distinct_idx" ON "request_log" ("slot", "client_id", "fingerprint") WHERE "fingerprint" IS NOT NULL;
CREATE UNIQUE INDEX "request_log_ordinal_idx" ON "request_log" ("slot", "client_id", "ordinal") WHERE "ordinal" IS NOT NULL;

-- The activity of an organization (src/audit/organization-events.ts). People's consents, of which an app has many, are
-- left out of its way.
CREATE INDEX "audit_events_portal_idx" ON "audit_events" ("target_id", "id")
    WHERE "target_kind" IN ('organization', 'client', 'api') AND "action" NOT LIKE 'consent.%';
CREATE INDEX "audit_events_access_client_idx" ON "audit_events" (("details"->>'client'), "id")
    WHERE "target_kind" IN ('access', 'access-request');
CREATE INDEX "audit_events_access_api_idx" ON "audit_events" (("details"->>'api'), "id")
    WHERE "target_kind" IN ('access', 'access-request');
CREATE INDEX "audit_events_owner_idx" ON "audit_events" (("details"->>'organization'))
    WHERE "action" IN ('client.created', 'api.created');
