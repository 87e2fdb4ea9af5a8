/// The points between which the agent can die; tests let it die at each.
package enum AgentStep: Sendable, CaseIterable {
    case beforeCommit
    case afterCommit
    case afterFileDeleted
    case afterBatchTaken
    case afterAnswer
    case afterBatchSettled
}
