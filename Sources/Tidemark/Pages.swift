/// The pages of one reading, each fetched when it is asked for and not before: `for try await page in …`.
///
/// It may be iterated again, which reads again from the start. It ends with the first failure; to go on after one, start
/// a new sequence after the last page's `lastKey`.
public struct Pages<Element: Sendable>: AsyncSequence, Sendable {
    /// What iterating throws.
    public typealias Failure = TidemarkError

    /// Fetches the page that starts there, nil for the first, and says where the next one starts, nil for none.
    typealias Fetch = @Sendable (Position?) async throws(TidemarkError) -> (page: Element, next: Position?)

    /// Where a page starts.
    enum Position: Sendable, Equatable {
        case key(Item)
        /// With how many more items are wanted.
        case bounded(Item, left: Int)
        case token(String)

        var key: Item? {
            switch self {
            case .key(let key), .bounded(let key, _): key
            case .token: nil
            }
        }
        var left: Int? { if case .bounded(_, let left) = self { left } else { nil } }
        var token: String? { if case .token(let token) = self { token } else { nil } }

        /// Where a page after this key starts; nil where there is none, or no more is wanted.
        static func next(after key: Item?, left: Int?) -> Position? {
            guard let key else { return nil }
            guard let left else { return .key(key) }
            return left > 0 ? .bounded(key, left: left) : nil
        }
    }

    let start: Position?
    let fetch: Fetch

    init(from start: Position? = nil, fetch: @escaping Fetch) {
        self.start = start
        self.fetch = fetch
    }

    /// Starts with the first page.
    public func makeAsyncIterator() -> Iterator { Iterator(position: start, fetch: fetch) }

    /// Fetches one page a call.
    public struct Iterator: AsyncIteratorProtocol {
        private var position: Position?
        private var isFinished = false
        private let fetch: Fetch

        init(position: Position?, fetch: @escaping Fetch) {
            self.position = position
            self.fetch = fetch
        }

        /// The next page, or nil after the last one and after a failure.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(TidemarkError) -> Element? {
            guard !isFinished else { return nil }
            do {
                let (page, next) = try await fetch(position)
                position = next
                isFinished = next == nil
                return page
            } catch {
                isFinished = true
                throw error
            }
        }

        /// The same, for callers without isolation.
        public mutating func next() async throws(TidemarkError) -> Element? { try await next(isolation: nil) }
    }
}

/// The items of pages, one by one; a page is fetched when the one before is used up.
public struct Items<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Base.Failure == TidemarkError, Base.Element: ItemPage {
    /// What iterating throws.
    public typealias Failure = TidemarkError
    /// One item.
    public typealias Element = Item

    let pages: Base

    /// Starts with the first item.
    public func makeAsyncIterator() -> Iterator { Iterator(pages: pages.makeAsyncIterator()) }

    /// Gives one item a call.
    public struct Iterator: AsyncIteratorProtocol {
        private var pages: Base.AsyncIterator
        private var items: [Item].Iterator = [].makeIterator()

        init(pages: Base.AsyncIterator) { self.pages = pages }

        /// The next item, or nil after the last one and after a failure.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(TidemarkError) -> Item? {
            while true {
                if let item = items.next() { return item }
                guard let page = try await pages.next(isolation: actor) else { return nil }
                items = page.items.makeIterator()
            }
        }

        /// The same, for callers without isolation.
        public mutating func next() async throws(TidemarkError) -> Item? { try await next(isolation: nil) }
    }
}

/// A page that has items.
public protocol ItemPage: Sendable {
    /// The page's items.
    var items: [Item] { get }
}

extension Page: ItemPage {}
extension StatementPage: ItemPage {}

extension Pages where Element: ItemPage {
    /// The items of all pages, one by one.
    public var items: Items<Self> { Items(pages: self) }
}

extension ParallelScan {
    /// The items of all segments, one by one.
    public var items: Items<Self> { Items(pages: self) }
}
