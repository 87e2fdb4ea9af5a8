import AWSCore
import AgentCore
import CloudWatch
import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// Who this process runs as.
enum ProcessOwner {
    static var isRoot: Bool { geteuid() == 0 }
}

/// Reads the configuration again on SIGHUP. One that is wrong changes nothing.
struct ReloadService: Service, CustomStringConvertible {
    /// Caught from the start, so that no reload is lost before this runs.
    let hangUps: UnixSignalsSequence
    let agent: Agent
    let effective: EffectiveConfiguration
    let options: [AgentOption]
    let cloudWatch: AgentCloudWatch
    let notifier: ServiceNotifier?
    let variables: [String: String]
    let logger: Logger

    /// Services are named in the group's log, and the environment variables hold credentials.
    var description: String { "reload" }

    func run() async throws {
        var current = effective
        for await _ in hangUps.cancelOnGracefulShutdown() {
            notifier?.reloading()
            do {
                let new = try EffectiveConfiguration.load(
                    path: effective.path, options: options, environment: variables)
                try await apply(new, over: &current)
            } catch {
                let reason = CommandFailure(describing: error)?.message ?? "\(error)"
                let what =
                    OpenFiles.areUsedUp
                    ? "the configuration cannot be read again, since this process has no file descriptor left (ulimit -n, LimitNOFILE=)"
                    : "the new configuration is wrong"
                logger.error("\(what), and the old one stays in force: \(reason)")
            }
            notifier?.ready(status: await agent.vitalSigns().status)
        }
    }

    private func apply(_ new: EffectiveConfiguration, over current: inout EffectiveConfiguration) async throws {
        let changes = current.changes(to: new)
        let isElsewhere = changes.reloadable.contains { $0 == "region" || $0 == "cloudwatch-endpoint" }
        let client = isElsewhere ? try cloudWatch.client(for: new.configuration) : nil
        try await agent.reconfigure(new.configuration, cloudWatch: client)
        current.take(new)
        logger.notice(
            "configuration read again",
            metadata: [
                "changed": "\(changes.reloadable.isEmpty ? "nothing" : changes.reloadable.joined(separator: ", "))"
            ])
        for note in current.configuration.contract?.readingNotes ?? [] { logger.notice("\(note)") }
        if current.configuration.publish, let excess = current.configuration.budgetExcess(now: .now()) {
            logger.warning("\(excess)")
        }
        if !changes.needRestart.isEmpty {
            logger.warning(
                "a restart is needed for \(changes.needRestart.joined(separator: ", ")): the old value stays in force until then."
            )
        }
        if let client { await cloudWatch.warnWithoutCredentials(client, logger) }
    }
}

/// Tells systemd that the agent works, how it is, and, while it gets on, that it does.
struct NotifyService: Service, CustomStringConvertible {
    let notifier: ServiceNotifier
    let agent: Agent
    let ticksPerPeriod: UInt64

    var description: String { "service manager's notices" }

    func run() async throws {
        let work = Task { await tell() }
        try? await gracefulShutdown()
        notifier.stopping()
        work.cancel()
        await work.value
    }

    private func tell() async {
        var feeding = WatchdogFeeding()
        var isReady = false
        // A third of what the watchdog allows: one that comes late is no reason to kill the agent.
        let interval = notifier.watchdogInterval.map { $0 / 3 } ?? .seconds(10)
        while !Task.isCancelled {
            let vitals = await agent.vitalSigns()
            if !isReady, vitals.ticks > 0 {
                isReady = true
                notifier.ready(status: vitals.status)
            }
            if feeding.shouldFeed(vitals, ticksPerPeriod: ticksPerPeriod) {
                if notifier.watchdogInterval != nil { notifier.feedWatchdog() }
            }
            if isReady { notifier.status(vitals.status) }
            try? await Task.sleep(for: isReady ? interval : .milliseconds(50))
        }
    }
}
