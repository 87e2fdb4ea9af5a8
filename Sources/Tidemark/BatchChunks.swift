package import AWSCore

/// Cuts long lists into requests that DynamoDB takes.
package enum BatchChunks {
    /// Bytes of a batch's request, and of what it gives back: 16 MB.
    /// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
    package static let maximumBytes = 16 << 20
    /// A value takes at most so many bytes on the wire for each byte of its size: a list of nulls 14 for 2, a control
    /// character 6 for 1, a map of truth values 19 for 3.
    private static let wireFactor = 16
    /// What the request has besides its items.
    private static let overheadBytes = 4_096

    /// Whether DynamoDB takes a request of so many bytes.
    package static func fits(_ bytes: Int) -> Bool { bytes <= maximumBytes }

    /// Whether an answer with items of so many bytes is as large as it may be: another item might not have fitted.
    package static func isFull(_ itemBytes: Int) -> Bool {
        itemBytes >= maximumBytes - DynamoDBLimits.maximumItemBytes
    }

    /// Requests of at most 25 writes and 16 MB on the wire each, in order.
    package static func requests(_ writes: [BatchWrite], maximumBytes: Int = BatchChunks.maximumBytes) -> [[BatchWrite]]
    {
        var requests: [[BatchWrite]] = []
        var request: [BatchWrite] = []
        var size = overheadBytes
        for write in writes {
            let bytes = wireBytes(of: write, below: maximumBytes / DynamoDBLimits.maximumBatchWrites)
            if !request.isEmpty,
                request.count == DynamoDBLimits.maximumBatchWrites || size + bytes > maximumBytes
            {
                requests.append(request)
                request = []
                size = overheadBytes
            }
            request.append(write)
            size += bytes
        }
        if !request.isEmpty { requests.append(request) }
        return requests
    }

    /// Bytes on the wire: a bound that is cheap to find where it is below the fair share, else the exact number.
    private static func wireBytes(of write: BatchWrite, below share: Int) -> Int {
        let frame = write.table.utf8.count + 64
        let bound = ItemSize.bytes(of: write.item) * wireFactor + frame
        return bound <= share ? bound : ItemCodec.encode(write.item).count + frame
    }

    /// Requests of at most 100 keys each, in order; a key that stands twice is asked for once.
    package static func requests(_ gets: [BatchGet]) -> [[BatchGet]] {
        var seen: Set<ItemIdentity> = []
        var requests: [[BatchGet]] = []
        var request: [BatchGet] = []
        var room = DynamoDBLimits.maximumBatchGetKeys
        for get in gets {
            var left = get.keys.filter { seen.insert(ItemIdentity(table: get.table, key: $0)).inserted }[...]
            while !left.isEmpty {
                // One table has one entry in a request, with one projection.
                if room == 0 || request.contains(where: { $0.table == get.table }) {
                    requests.append(request)
                    request = []
                    room = DynamoDBLimits.maximumBatchGetKeys
                }
                let part = left.prefix(room)
                request.append(BatchGet(table: get.table, keys: Array(part), projection: get.projection))
                room -= part.count
                left = left.dropFirst(part.count)
            }
        }
        if !request.isEmpty { requests.append(request) }
        return requests
    }
}

/// When a batch's left-overs are sent again, and after how long. Pure: the random number is a parameter.
///
/// Rounds that get something done are no failures: only the policy's number of rounds in a row without any progress
/// ends the batch. Each round leaves less than the one before or counts, so that there is an end.
package struct LeftoverLoop {
    /// What follows a round.
    package enum Action: Equatable {
        case again(after: Duration)
        case giveUp
    }

    private let policy: RetryPolicy
    private var left: Int
    private var roundsWithLeftovers = 0
    private var roundsWithoutProgress = 0

    /// - Parameter count: keys or writes in the first round.
    package init(policy: RetryPolicy, count: Int) {
        self.policy = policy
        left = count
    }

    /// What follows a round that left something.
    ///
    /// - Parameter isFull: whether the answer was as large as it may be: then nothing is amiss and nothing to be
    ///   waited for.
    package mutating func next(left count: Int, isFull: Bool, failure: AWSFailure, random: Double) -> Action {
        let progress = count < left
        left = count
        if isFull, progress {
            roundsWithLeftovers = 0
            roundsWithoutProgress = 0
            return .again(after: .zero)
        }
        roundsWithLeftovers += 1
        roundsWithoutProgress = progress ? 1 : roundsWithoutProgress + 1
        guard roundsWithoutProgress < policy.maximumAttempts else { return .giveUp }
        let attempt = min(roundsWithLeftovers, policy.maximumAttempts - 1)
        return policy.delay(afterAttempt: attempt, failure: failure, random: random).map(Action.again) ?? .giveUp
    }
}
