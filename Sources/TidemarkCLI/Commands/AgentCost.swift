import AWSCore
import AgentCore
import ArgumentParser

/// What `tidemark agent --dry-run` prints.
enum AgentCost {
    static func report(_ settings: AgentConfiguration, format: OutputFormat) throws {
        let cost = try PublishingCost.estimate(settings, now: .now())
        switch format {
        case .text: print(cost.text(), terminator: "")
        case .json: print(String(decoding: cost.json(), as: UTF8.self))
        }
        if let over = cost.dollarsOverBudget, over > 0 { throw ExitCode(ExitStatus.findings.rawValue) }
    }
}
