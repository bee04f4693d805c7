-- CreateTable
CREATE TABLE "operators" (
    "account_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "operators_pkey" PRIMARY KEY ("account_id")
);

-- CreateTable
CREATE TABLE "two_person_acts" (
    "id" UUID NOT NULL,
    "act" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "asked_by" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3),
    "confirmed_by" TEXT,
    "outcome" TEXT,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "two_person_acts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "limit_counters" (
    "limit" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "spent" INTEGER NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "limit_counters_pkey" PRIMARY KEY ("limit","key")
);

-- CreateTable
CREATE TABLE "limit_leases" (
    "limit" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "window_at" TIMESTAMPTZ(3) NOT NULL,
    "taken" INTEGER NOT NULL,

    CONSTRAINT "limit_leases_pkey" PRIMARY KEY ("limit","key","window_at")
);

-- CreateTable
CREATE TABLE "signal_counts" (
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "signal" TEXT NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "signal_counts_pkey" PRIMARY KEY ("subject_kind","subject","signal","minute")
);

-- CreateTable
CREATE TABLE "signal_members" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "signal" TEXT NOT NULL,
    "member" BYTEA NOT NULL,

    CONSTRAINT "signal_members_pkey" PRIMARY KEY ("subject_kind","subject","signal","hour","member")
);

-- CreateTable
CREATE TABLE "client_baselines" (
    "client_id" TEXT NOT NULL,
    "state" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "client_baselines_pkey" PRIMARY KEY ("client_id")
);

-- CreateTable
CREATE TABLE "suspensions" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "client_id" TEXT,
    "api_id" UUID,
    "grant_id" TEXT,
    "account_id" UUID,
    "organization_id" UUID,
    "network" TEXT,
    "state" TEXT NOT NULL,
    "state_since" TIMESTAMPTZ(3) NOT NULL,
    "level" INTEGER NOT NULL DEFAULT 0,
    "paused_until" TIMESTAMPTZ(3),
    "until" TIMESTAMPTZ(3),
    "rule" TEXT NOT NULL,
    "note" TEXT,
    "evidence" JSONB NOT NULL DEFAULT '{}',
    "dry_run" BOOLEAN NOT NULL DEFAULT false,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "ended_by" TEXT,
    "outliving_tokens" INTEGER NOT NULL DEFAULT 0,
    "outliving_until" TIMESTAMPTZ(3),

    CONSTRAINT "suspensions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "appeals" (
    "id" UUID NOT NULL,
    "suspension_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "made_by" UUID NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "note" TEXT,

    CONSTRAINT "appeals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts" (
    "id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 1,
    "evidence" JSONB NOT NULL DEFAULT '{}',
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    "told_at" TIMESTAMPTZ(3),

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_routes" (
    "id" UUID NOT NULL,
    "api_id" UUID NOT NULL,
    "method" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "scopes" TEXT[],
    "origin" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "api_routes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_report_keys" (
    "id" UUID NOT NULL,
    "api_id" UUID NOT NULL,
    "kid" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "jwk" JSONB NOT NULL,
    "thumbprint" TEXT NOT NULL,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_report_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "abuse_reports" (
    "id" UUID NOT NULL,
    "api_id" UUID NOT NULL,
    "jti" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "grant_id" TEXT,
    "reason" TEXT NOT NULL,
    "note" TEXT,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "abuse_reports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_targets" (
    "id" UUID NOT NULL,
    "api_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "events" TEXT[],
    "sealed_secret" TEXT NOT NULL,
    "older_secret" TEXT,
    "older_until" TIMESTAMPTZ(3),
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "disabled_at" TIMESTAMPTZ(3),
    "silent_tries" INTEGER NOT NULL DEFAULT 0,
    "rests_until" TIMESTAMPTZ(3),

    CONSTRAINT "event_targets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_deliveries" (
    "id" UUID NOT NULL,
    "target_id" UUID NOT NULL,
    "message_id" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "sealed" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_at" TIMESTAMPTZ(3),
    "last_status" INTEGER,
    "delivered_at" TIMESTAMPTZ(3),
    "given_up_at" TIMESTAMPTZ(3),

    CONSTRAINT "event_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "token_holds" (
    "subject" TEXT NOT NULL,
    "suspension_id" UUID NOT NULL,
    "until" TIMESTAMPTZ(3),

    CONSTRAINT "token_holds_pkey" PRIMARY KEY ("subject","suspension_id")
);

-- CreateIndex
CREATE INDEX "two_person_acts_outcome_due_at_idx" ON "two_person_acts"("outcome", "due_at");

-- CreateIndex
CREATE INDEX "two_person_acts_decided_at_idx" ON "two_person_acts"("decided_at");

-- CreateIndex
CREATE INDEX "limit_counters_ends_at_idx" ON "limit_counters"("ends_at");

-- CreateIndex
CREATE INDEX "limit_leases_window_at_idx" ON "limit_leases"("window_at");

-- CreateIndex
CREATE INDEX "signal_counts_minute_idx" ON "signal_counts"("minute");

-- CreateIndex
CREATE INDEX "signal_members_hour_idx" ON "signal_members"("hour");

-- CreateIndex
CREATE INDEX "suspensions_client_id_ended_at_idx" ON "suspensions"("client_id", "ended_at");

-- CreateIndex
CREATE INDEX "suspensions_api_id_ended_at_idx" ON "suspensions"("api_id", "ended_at");

-- CreateIndex
CREATE INDEX "suspensions_account_id_ended_at_idx" ON "suspensions"("account_id", "ended_at");

-- CreateIndex
CREATE INDEX "suspensions_grant_id_idx" ON "suspensions"("grant_id");

-- CreateIndex
CREATE INDEX "suspensions_organization_id_ended_at_idx" ON "suspensions"("organization_id", "ended_at");

-- CreateIndex
CREATE INDEX "suspensions_ended_at_id_idx" ON "suspensions"("ended_at", "id");

-- CreateIndex
CREATE INDEX "suspensions_started_at_idx" ON "suspensions"("started_at");

-- CreateIndex
CREATE UNIQUE INDEX "appeals_suspension_id_key" ON "appeals"("suspension_id");

-- CreateIndex
CREATE INDEX "appeals_outcome_id_idx" ON "appeals"("outcome", "id");

-- CreateIndex
CREATE INDEX "alerts_closed_at_id_idx" ON "alerts"("closed_at", "id");

-- CreateIndex
CREATE INDEX "alerts_told_at_idx" ON "alerts"("told_at");

-- CreateIndex
CREATE UNIQUE INDEX "api_routes_api_id_method_path_key" ON "api_routes"("api_id", "method", "path");

-- CreateIndex
CREATE INDEX "api_report_keys_api_id_idx" ON "api_report_keys"("api_id");

-- CreateIndex
CREATE INDEX "api_report_keys_ended_at_idx" ON "api_report_keys"("ended_at");

-- CreateIndex
CREATE INDEX "abuse_reports_client_id_received_at_idx" ON "abuse_reports"("client_id", "received_at");

-- CreateIndex
CREATE INDEX "abuse_reports_api_id_id_idx" ON "abuse_reports"("api_id", "id");

-- CreateIndex
CREATE INDEX "abuse_reports_received_at_idx" ON "abuse_reports"("received_at");

-- CreateIndex
CREATE UNIQUE INDEX "abuse_reports_api_id_jti_key" ON "abuse_reports"("api_id", "jti");

-- CreateIndex
CREATE INDEX "event_targets_api_id_idx" ON "event_targets"("api_id");

-- CreateIndex
CREATE INDEX "event_deliveries_target_id_id_idx" ON "event_deliveries"("target_id", "id");

-- CreateIndex
CREATE INDEX "event_deliveries_created_at_idx" ON "event_deliveries"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "event_deliveries_target_id_message_id_key" ON "event_deliveries"("target_id", "message_id");

-- CreateIndex
CREATE INDEX "token_holds_suspension_id_idx" ON "token_holds"("suspension_id");

-- CreateIndex
CREATE INDEX "login_failures_day_idx" ON "login_failures"("day");

-- AddForeignKey
ALTER TABLE "appeals" ADD CONSTRAINT "appeals_suspension_id_fkey" FOREIGN KEY ("suspension_id") REFERENCES "suspensions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "event_deliveries" ADD CONSTRAINT "event_deliveries_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "event_targets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand from here: what the models cannot say.

-- Counters of a minute or an hour: a crash may forget them, and nothing waits for the log because of them.
ALTER TABLE "limit_counters" SET UNLOGGED;
ALTER TABLE "limit_leases" SET UNLOGGED;

-- One open alert a key: repeats only count.
CREATE UNIQUE INDEX "alerts_open_idx" ON "alerts" ("key") WHERE "closed_at" IS NULL;

-- What was slowed or stopped, in the activity of its organization (src/audit/organization-events.ts).
CREATE INDEX "audit_events_suspension_idx" ON "audit_events" ((coalesce("details"->>'client', "details"->>'api', "details"->>'organization')), "id")
    WHERE "target_kind" = 'suspension';

-- By the beginnings of the words in a name, operators find apps and organizations (src/developers/name-words.ts).
CREATE INDEX "organizations_words_idx" ON "organizations" USING gin (to_tsvector('simple', "name"));
CREATE INDEX "clients_words_idx" ON "clients" USING gin (to_tsvector('simple', "name"));

-- By the host of a redirect URI they find apps: what stands between the scheme and the next sign that ends a name.
CREATE FUNCTION "hosts_of" (uris text[]) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT array_agg(lower(substring(uri FROM '^[A-Za-z][A-Za-z0-9+.-]*://([^/?#:@]+)'))) FROM unnest(uris) AS uri);
CREATE INDEX "clients_hosts_idx" ON "clients" USING gin ("hosts_of"("redirect_uris" || "post_logout_redirect_uris"));

-- What waits to be sent, by target and in its order, and what was given up: small beside the log of a month.
CREATE INDEX "event_deliveries_waiting_idx" ON "event_deliveries" ("target_id", "due_at")
  WHERE "delivered_at" IS NULL AND "given_up_at" IS NULL;
CREATE INDEX "event_deliveries_given_up_idx" ON "event_deliveries" ("given_up_at") WHERE "given_up_at" IS NOT NULL;
