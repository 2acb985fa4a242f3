* a comment
NAME          TRY ONE
ROWS
 N  COST
 L  LIM1
 G  LIM2
 E  MYEQN
 E  DOWN
 N  OTHER
COLUMNS
    X         COST       1.0   LIM1      1.0
    X         LIM2       1.D0
    MARK      'MARKER'   'INTORG'
    Y         COST       2.0   LIM1      1.0
    Y         MYEQN     -1.0   OTHER     7
    MARK      'MARKER'   'INTEND'
    Z         COST      -1.0   MYEQN     1.0
    Z         DOWN       1
    B         COST       1e0
    F         DOWN       1
RHS
    RHS       LIM1       4.0   LIM2      1.0
    RHS       MYEQN      7.0   COST     -10
RANGES
    RNG       LIM1       2.5   LIM2      3
    RNG       MYEQN      2     DOWN     -5
BOUNDS
 UP BND       X          4.0
 LI BND       Y         -1
 UI BND       Y          1
 BV BND       B
 MI BND       Z
 FR BND       F
ENDATA
