  (elem (;0;) (i32.const 0) func $list_9 $list_10 $list_10 $list_10 $list_1 $list_2 $list_3 $list_4 $list_5 $list_6 $list_7 $list_8)
  (func $list_0 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (local.tee 2
        (block (result i32) ;; label = @1
          (if ;; label = @2
            (i32.eqz
              (local.tee 2
                (i32.load offset=128
                  (local.get $frame))))
            (then
              (br 1 (;@1;)
                (i32.const 65792))))
          (i32.load8_u offset=256
            (i32.add
              (local.get 2)
              (local.get $frame)))))
      (then
        (call $note
          (local.get $out)
          (i32.const 8)
          (i32.const 0)
          (local.get 2))))
  )
  (func $list_1 (param $frame i32) (param $out i32)
    (call $note_held
      (local.get $out)
      (i64.const 3)
      (i32.const 1))
  )
  (func $list_2 (param $frame i32) (param $out i32)
    (call $note_held
      (local.get $out)
      (i64.const 5)
      (i32.const 1))
  )
  (func $list_3 (param $frame i32) (param $out i32)
    (call $note_held
      (local.get $out)
      (i64.const 2)
      (i32.const 1))
  )
  (func $list_4 (param $frame i32) (param $out i32)
    (call $note_held
      (local.get $out)
      (i64.const 4)
      (i32.const 1))
  )
  (func $list_5 (param $frame i32) (param $out i32)
    (call $note_held
      (local.get $out)
      (i64.const 0)
      (i32.const 1))
  )
  (func $list_6 (param $frame i32) (param $out i32)
    (call $note_held
      (local.get $out)
      (i64.const 6)
      (i32.const 1))
  )
  (func $list_7 (param $frame i32) (param $out i32)
    (call $note_held
      (local.get $out)
      (i64.const 1)
      (i32.const 1))
  )
  (func $list_8 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i32.ne
          (i32.load offset=128
            (local.get $frame))
          (i32.const 0))
        (then
          (call $has_entity
            (select
              (i32.add
                (local.tee 2
                  (i32.load offset=128
                    (local.get $frame)))
                (local.get $frame))
              (i32.const 0)
              (local.get 2))
            (i64.const 5997293098187913117)
            (i64.const -3170880482306108230)))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 7)
          (i32.const 1))))
  )
  (func $list_9 (param $frame i32) (param $out i32)
    (local i32)
    (call $list_0
      (local.get $frame)
      (local.get $out))
    (call $dispatch
      (local.get $frame)
      (local.get $out)
      (i32.const 1024)
      (i32.const 15)
      (i64.const 10)
      (i64.load offset=40
        (local.get $frame))
      (i64.load offset=48
        (local.get $frame)))
    (if ;; label = @1
      (local.tee 2
        (i32.load offset=128
          (local.get $frame)))
      (then
        (call $dispatch_set
          (local.get $frame)
          (local.get $out)
          (i32.const 1432)
          (i32.const 1)
          (i64.const 0)
          (i32.add
            (i32.add
              (local.get $frame)
              (local.get 2))
            (i32.const 0)))))
  )
  (func $list_10 (param $frame i32) (param $out i32))
  (data (;0;) (i32.const 1024) "7\80^c\a2\cf7\dft\d8\eb\ca\1fbk,\06\00\00\00\00\00\00\00\0a\07\e6HZ\e2\0d\7f\de\cd\a5{W\e8\e8H\08\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\ddO\a0\c7\9fV[\c1\0c\990\16QP\9ew\09\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\18_\c5\85\f6\d3i\0b\91\c7\d05\ffA\e4\c4\0a\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\009*\89\88\14\ba~\c0G\acL\14bdu#\05\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00P9kt:Y\09\fa\87\08z\efL\19\89A\07\00\00\00\00\00\00\00\dd>\c5\fa\f0$ \d9\baL\09\81X\04R\0e\04\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\9dwd;L\aa:S\ba\d4\ecZ\00\c5\fe\d3\0b\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
