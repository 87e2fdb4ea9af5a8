internal import AWSCore
internal import ContractModel
public import Tidemark

/// What became of one step.
public struct StepOutcome: Sendable, Equatable {
    /// How it ended.
    public enum End: Sendable, Equatable {
        /// It is done.
        case done
        /// AWS refused it; the IAM actions that it needs, where the credentials do not have them.
        case failed(String, missingActions: [String])
        /// It was left out, since a step that it needs had failed.
        case skipped
    }

    /// The table.
    public var table: String
    /// The step.
    public var step: TableStep
    /// How it ended.
    public var end: End

    /// Notes how a step of a table ended.
    public init(table: String, step: TableStep, end: End) {
        self.table = table
        self.step = step
        self.end = end
    }
}

/// What is being done at the moment, for a line of progress.
public struct ProvisioningProgress: Sendable, Equatable {
    /// The table.
    public var table: String
    /// What: "create the index ByStatus".
    public var doing: String
    /// DynamoDB's word for the state that is being waited out: "CREATING"; "" while nothing is waited for.
    public var state: String
}

/// Takes the steps of a plan, one kind of change at a time, as DynamoDB demands.
///
/// A step that fails stops the steps that need it and no other. Every step may be taken twice: whoever is interrupted plans
/// and applies again.
public struct TableApplier: Sendable {
    private let client: DynamoDBClient
    private let limits: WaitLimits
    private let progress: @Sendable (ProvisioningProgress) -> Void

    /// - Parameters:
    ///   - limits: how long each change is waited for; filling an index of a large table takes hours.
    ///   - progress: told of each step and each look.
    public init(
        client: DynamoDBClient, limits: WaitLimits = WaitLimits(timeout: .seconds(3_600)),
        progress: @escaping @Sendable (ProvisioningProgress) -> Void = { _ in }
    ) {
        self.client = client
        self.limits = limits
        self.progress = progress
    }

    /// Takes the steps of all tables: first every missing table is begun, so that AWS makes them side by side, then table
    /// after table is finished.
    public func apply(_ plan: TablePlan) async -> [StepOutcome] {
        var outcomes: [String: [StepOutcome]] = [:]
        for entry in plan.entries {
            guard case .create? = entry.steps.first, let step = entry.steps.first else { continue }
            outcomes[entry.desired.table.name] = [await outcome(of: step, entry)]
        }
        var all: [StepOutcome] = []
        for entry in plan.entries {
            let name = entry.desired.table.name
            var done = outcomes[name] ?? []
            var isCut = done.contains { $0.end != .done }
            if !isCut, let first = done.first, let failure = await waited(name, first.step.words) {
                done[0].end = failure
                isCut = true
            }
            for step in entry.steps.dropFirst(done.count) {
                if isCut {
                    done.append(StepOutcome(table: name, step: step, end: .skipped))
                    continue
                }
                let outcome = await outcome(of: step, entry)
                done.append(outcome)
                // A table that is still under way takes no other change.
                if case .wait = step, outcome.end != .done { isCut = true }
            }
            all += done
        }
        return all
    }

    private func outcome(of step: TableStep, _ entry: TablePlan.Entry) async -> StepOutcome {
        let name = entry.desired.table.name
        progress(ProvisioningProgress(table: name, doing: step.words, state: ""))
        do {
            try await take(step, name, arn: entry.live?.arn)
        } catch {
            return StepOutcome(table: name, step: step, end: end(error, step))
        }
        return StepOutcome(table: name, step: step, end: .done)
    }

    private func end(_ error: TidemarkError, _ step: TableStep) -> StepOutcome.End {
        guard error.code == .accessDenied else { return .failed(error.plainReason, missingActions: []) }
        return .failed(error.plainReason, missingActions: step.actions)
    }

    private func waited(_ table: String, _ doing: String) async -> StepOutcome.End? {
        do {
            try await wait(table, doing)
            return nil
        } catch {
            let actions = error.code == .accessDenied ? ["dynamodb:DescribeTable"] : []
            return .failed(error.plainReason, missingActions: actions)
        }
    }

    private func wait(_ table: String, _ doing: String) async throws(TidemarkError) {
        let progress = progress
        try await client.waitUntilActive(table, timeout: limits.timeout, interval: limits.interval) { look in
            progress(ProvisioningProgress(table: table, doing: doing, state: look.state))
        }
    }

    // MARK: Steps

    private func take(_ step: TableStep, _ table: String, arn: String?) async throws(TidemarkError) {
        switch step {
        case .create(let desired):
            try await patiently { () async throws(TidemarkError) in
                do throws(TidemarkError) {
                    try await client.createTable(desired.specification)
                } catch {
                    // Somebody else was faster, or the answer to our own request was lost.
                    guard error.underlying?.code == "ResourceInUseException" else { throw error }
                }
            }
        case .wait: try await wait(table, step.words)
        case .bill(let billing, let indexes):
            var change = TableChange(billing: billing)
            if case .provisioned = billing {
                change.indexes = indexes.sorted { $0.key < $1.key }.map { .update(name: $0.key, $0.value) }
            }
            try await update(table, change, step)
        case .protect: try await update(table, TableChange(isProtectedFromDeletion: true), step)
        case .createIndex(let index, let throughput, let warm):
            try await update(table, TableChange(indexes: [.create(index, throughput, warm: warm)]), step)
        case .warm(let own, let indexes):
            var change = TableChange()
            change.warmThroughput = own
            change.indexes = indexes.sorted { $0.key < $1.key }.map { .warm(name: $0.key, $0.value) }
            try await update(table, change, step)
        case .recover:
            try await patiently { () async throws(TidemarkError) in
                try await client.updateContinuousBackups(table, isPointInTimeRecoveryEnabled: true)
            }
        case .expire(let attribute):
            try await client.updateTimeToLive(table, attribute: attribute)
        case .tag(let tags):
            guard let arn else {
                throw TidemarkError(code: .client, message: "the server does not tell the table's ARN", table: table)
            }
            try await client.tagResource(arn, tags: tags)
        }
    }

    private func update(_ table: String, _ change: TableChange, _ step: TableStep) async throws(TidemarkError) {
        try await patiently { () async throws(TidemarkError) in try await client.updateTable(table, change) }
        try await wait(table, step.words)
    }

    /// Failures that may say "not yet", and how long they are waited out: another change is under way, a new table's backups
    /// are being set up, or too much is being made at once; but the last may also be a quota, which no waiting mends.
    private static let patience: [String: Duration] = [
        "ResourceInUseException": .seconds(3_600), "ContinuousBackupsUnavailableException": .seconds(300),
        "LimitExceededException": .seconds(60),
    ]

    /// Asks again, as often and as long as a waiter looks, while AWS says "not yet".
    private func patiently<Answer>(_ ask: () async throws(TidemarkError) -> Answer) async throws(TidemarkError) {
        var pause = limits.interval
        var waited = Duration.zero
        while true {
            do {
                _ = try await ask()
                return
            } catch {
                let patience = TableApplier.patience[error.underlying?.code ?? ""] ?? .zero
                guard waited < min(patience, limits.timeout) else { throw error }
                do {
                    try await Task.sleep(for: pause)
                } catch {
                    throw TidemarkError(code: .cancelled, message: "the wait was cancelled")
                }
                waited += pause
                pause = min(pause * 3 / 2, limits.maximumInterval)
            }
        }
    }
}
