/// Why a table or an index is as it is, in the words of the document that says so.
public struct DesignReason: Sendable, Hashable {
    /// What a reason is about.
    public enum Topic: String, Sendable, Hashable, CaseIterable {
        case purpose
        case partitionKey = "partition key"
        case sortKey = "sort key"
        case projection
        case sparseness
        /// How load is spread over partitions.
        case distribution
        /// Which keys may take more than their share.
        case hotPartition = "hot partition"
        case denormalization
        /// What is there for the time of the migration only, and what the application must do differently.
        case migration
        case cost
        case consistency
    }

    /// What it is about.
    public var topic: Topic
    /// The document's words.
    public var text: String
    /// The document, as the caller named it.
    public var file: String
    /// The line, from 1.
    public var line: Int

    /// Keeps a reason.
    public init(topic: Topic, text: String, file: String, line: Int) {
        self.topic = topic
        self.text = text
        self.file = file
        self.line = line
    }
}
